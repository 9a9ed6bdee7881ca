import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Processor } from '../../shared/processor/processor.ts';
import { deadLetterPrefix } from '../../shared/sink/dead-letter-objects.ts';
import { needsOf } from '../deployment/processor-needs.ts';
import { outputGrants } from './output-kinds.ts';
import { FILL_ROWS, lookUpActions } from './row-actions.ts';
import { shardGrants, stateGrants } from './state-grants.ts';
import { resourceOf, type TopologyResources } from './topology-resources.ts';

/** Everything a processor's function may do, except reading its stream, which is granted with its mapping. */
export const processorGrants = (processor: Processor, resources: TopologyResources): readonly PolicyStatement[] => {
  const { tables, references, stateTable, deadLetters } = resources;
  const { looksInto, fills, keepsState, hasTimers, keepsShards } = needsOf(processor);
  const rowsOf = (name: string): string => resourceOf(tables.has(name) ? tables : references, name).tableArn;
  const allow = (actions: readonly string[], arn: string): PolicyStatement =>
    new PolicyStatement({ actions: [...actions], resources: [arn] });
  return [
    ...outputGrants(processor.to, resources),
    ...[...looksInto].map(([name, kinds]) => allow(lookUpActions(kinds, references.has(name)), rowsOf(name))),
    ...(fills === undefined ? [] : [allow(FILL_ROWS, rowsOf(fills))]),
    ...(stateTable !== undefined && keepsState ? stateGrants(processor.id, stateTable, hasTimers) : []),
    ...(stateTable !== undefined && keepsShards ? shardGrants(processor.id, stateTable) : []),
    allow(['s3:PutObject'], deadLetters.arnForObjects(`${deadLetterPrefix(processor.id)}*`)),
  ];
};
