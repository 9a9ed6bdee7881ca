import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { itemPartition, progressKey } from '../../shared/state/dynamodb/state-keys.ts';
import { ACTIVITY_INDEX, TIMERS_INDEX } from '../../shared/state/dynamodb/table-layout.ts';

/**
 * What a processor may do in the table that all processors of a topology share: read and write items that begin with its
 * own name. A name has neither of the marks that end it, nor a sign that IAM takes for any text.
 */
export const stateGrants = (collection: string, table: TableV2, hasTimers: boolean): readonly PolicyStatement[] => {
  const indexes = [TIMERS_INDEX, ACTIVITY_INDEX].map((index) => `${table.tableArn}/index/${index}`);
  const allow = (actions: readonly string[], resources: readonly string[]): PolicyStatement =>
    new PolicyStatement({
      actions: [...actions],
      resources: [...resources],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patternsOf(collection, hasTimers) } },
    });
  return [
    allow(['dynamodb:BatchGetItem', 'dynamodb:PutItem'], [table.tableArn]),
    // A partition key that turns out to have no timer is taken out of the index of activity.
    ...(hasTimers ? [allow(['dynamodb:UpdateItem'], [table.tableArn]), allow(['dynamodb:Query'], indexes)] : []),
  ];
};

const patternsOf = (collection: string, hasTimers: boolean): readonly string[] => [
  itemPartition(collection, '*'),
  // The index of activity begins in the same way.
  ...(hasTimers ? [progressKey(collection, '*').pk] : []),
];
