import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { shardCollection } from '../../shared/engine/shard-watermarks.ts';
import { itemPartition, progressKey } from '../../shared/state/dynamodb/state-keys.ts';
import { ACTIVITY_INDEX, TIMERS_INDEX } from '../../shared/state/dynamodb/table-layout.ts';
import type { AnyTable } from './topology-resources.ts';

/**
 * What a processor may do in the state table, which all processors of a topology share: read and write items whose key begins
 * with its own id. An id holds neither of the characters that end it in a key, nor a wildcard of IAM.
 */
export const stateGrants = (collection: string, table: AnyTable, hasTimers: boolean): readonly PolicyStatement[] => {
  const indexes = [TIMERS_INDEX, ACTIVITY_INDEX].map((index) => `${table.tableArn}/index/${index}`);
  const allow = (actions: readonly string[], resources: readonly string[]): PolicyStatement =>
    new PolicyStatement({
      actions: [...actions],
      resources: [...resources],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patternsOf(collection, hasTimers) } },
    });
  return [
    allow(['dynamodb:BatchGetItem', 'dynamodb:PutItem'], [table.tableArn]),
    // A partition key found to have no timer is removed from the activity index.
    ...(hasTimers ? [allow(['dynamodb:UpdateItem'], [table.tableArn]), allow(['dynamodb:Query'], indexes)] : []),
  ];
};

/** What a processor that writes streams may do in the state table to keep how far event time has come in its shards. */
export const shardGrants = (processor: string, table: AnyTable): readonly PolicyStatement[] => {
  const collection = shardCollection(processor);
  const keys = [itemPartition(collection, '*'), progressKey(collection, '*').pk];
  return [
    new PolicyStatement({
      actions: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'],
      resources: [table.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...new Set(keys)] } },
    }),
  ];
};

const patternsOf = (collection: string, hasTimers: boolean): readonly string[] => [
  itemPartition(collection, '*'),
  // Keys of the activity index begin the same way.
  ...(hasTimers ? [progressKey(collection, '*').pk] : []),
];
