import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Processor } from '../../shared/processor/processor.ts';
import { deadLetterPrefix } from '../../shared/sink/dead-letter-objects.ts';
import { needsOf } from '../processor-needs.ts';
import { resourceOf, type TopologyResources } from '../topology-resources.ts';
import { FILL_ROWS, lookUpActions } from './row-actions.ts';
import { stateGrants } from './state-grants.ts';

/** What a processor's function may do beside reading its stream, which comes with its mapping: this, and nothing else. */
export const processorGrants = (processor: Processor, resources: TopologyResources): readonly PolicyStatement[] => {
  const { streams, tables, references, topics, stateTable, deadLetters } = resources;
  const { writes, notifies, looksInto, fills, keepsState, hasTimers } = needsOf(processor);
  const rowsOf = (name: string): string => resourceOf(tables.has(name) ? tables : references, name).tableArn;
  const allow = (actions: readonly string[], arns: readonly string[]): readonly PolicyStatement[] =>
    arns.length === 0 ? [] : [new PolicyStatement({ actions: [...actions], resources: [...arns] })];
  return [
    ...allow(
      ['kinesis:PutRecords'],
      writes.map((name) => resourceOf(streams, name).streamArn),
    ),
    ...allow(
      ['sns:Publish'],
      notifies.map((name) => resourceOf(topics, name).topicArn),
    ),
    ...[...looksInto].flatMap(([name, kinds]) => allow(lookUpActions(kinds), [rowsOf(name)])),
    ...allow(FILL_ROWS, fills === undefined ? [] : [rowsOf(fills)]),
    ...(stateTable !== undefined && keepsState ? stateGrants(processor.id, stateTable, hasTimers) : []),
    ...allow(['s3:PutObject'], [deadLetters.arnForObjects(`${deadLetterPrefix(processor.id)}*`)]),
  ];
};
