/** The kinds of resources that a deployed topology has outputs for. */
export type OutputKind = 'Stream' | 'Table' | 'Topic' | 'Function' | 'Mapping';

/**
 * The name of the stack output that says where a named part of a topology is deployed: the physical name of a stream,
 * table or function, the ARN of a topic, the id of a mapping. Letters and digits only, as CloudFormation wants.
 *
 * @example
 * ```ts
 * outputName('Stream', 'weather-raw'); // 'StreamWeatherRaw'
 * outputName('Function', 'weather/assemble'); // 'FunctionWeatherAssemble'
 * ```
 */
export const outputName = (kind: OutputKind, name: string): string =>
  `${kind}${name.replace(/[^a-zA-Z0-9]*([a-zA-Z0-9]+)[^a-zA-Z0-9]*/gu, (_, part: string) => `${part.slice(0, 1).toUpperCase()}${part.slice(1)}`)}`;

/** Names of the outputs that a stack has one of. */
export const OUTPUTS = {
  rawStream: 'RawStream',
  alertTopicArn: 'AlertTopicArn',
  apiUrl: 'ApiUrl',
  stateTable: 'StateTable',
  deadLetterBucket: 'DeadLetterBucket',
} as const;

/** The stack of a topology in a stage. */
export const stackName = (topology: string, stage: string): string => `millrace-${topology}-${stage}`;
