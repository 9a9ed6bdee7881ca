import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { contextWith } from '../../test/runtime/lambda/invocation.ts';
import { memoryDynamodb } from './memory-dynamodb.ts';

const TABLE = 'idempotency';

/** What makes a record the one it is: stream, shard sequence number and place in an aggregate. */
export interface RecordId {
  readonly id: string;
}

/**
 * Returns a function that handles records one by one under Powertools idempotency, keyed by the record's id, and says how
 * many writes reached DynamoDB.
 */
export const powertoolsWrites = (): ((records: readonly RecordId[]) => Promise<number>) => {
  const { client, takeWrites } = memoryDynamodb({ [TABLE]: ['id'] });
  const config = new IdempotencyConfig({ eventKeyJmesPath: 'id' });
  config.registerLambdaContext(contextWith(60_000));
  const handled = (record: RecordId): Promise<{ readonly done: string }> => Promise.resolve({ done: record.id });
  const handle = makeIdempotent(handled, {
    persistenceStore: new DynamoDBPersistenceLayer({ tableName: TABLE, awsSdkV3Client: client }),
    config,
  });
  return async (records) => {
    for (const record of records) await handle(record);
    return takeWrites().length;
  };
};
