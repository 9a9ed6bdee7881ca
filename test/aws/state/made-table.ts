import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
  type CreateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { RetryPolicy } from '../../../shared/aws/retry.ts';
import type { IndexLayout, KeyAttribute, TableLayout } from '../../../shared/state/dynamodb/table-layout.ts';

/** A client of whatever endpoint the environment names. */
export const dynamoClient = (): DynamoDBClient => new DynamoDBClient({ maxAttempts: 1 });

/** Real time, and half a minute of it. */
export const halfMinute = (): RetryPolicy => {
  const deadlineMs = Date.now() + 30_000;
  return { nowMs: Date.now, sleep: (ms) => setTimeout(ms), deadlineMs: () => deadlineMs };
};

const keySchema = ({ partitionKey, sortKey }: Pick<IndexLayout, 'partitionKey' | 'sortKey'>) => [
  { AttributeName: partitionKey.name, KeyType: 'HASH' as const },
  { AttributeName: sortKey.name, KeyType: 'RANGE' as const },
];

const indexes = (layouts: readonly IndexLayout[]) =>
  layouts.map((index) => ({
    IndexName: index.name,
    KeySchema: keySchema(index),
    Projection: { ProjectionType: 'KEYS_ONLY' as const },
  }));

const tableInput = (TableName: string, layout: TableLayout): CreateTableCommandInput => {
  const { localIndexes, globalIndexes } = layout;
  const attributes = [layout, ...localIndexes, ...globalIndexes].flatMap(
    ({ partitionKey, sortKey }): KeyAttribute[] => [partitionKey, sortKey],
  );
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keySchema(layout),
    AttributeDefinitions: [...new Map(attributes.map(({ name, type }) => [name, type]))].map(
      ([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }),
    ),
    ...(localIndexes.length > 0 && { LocalSecondaryIndexes: indexes(localIndexes) }),
    ...(globalIndexes.length > 0 && { GlobalSecondaryIndexes: indexes(globalIndexes) }),
  };
};

/** Makes a table of its own for a test, and resolves to its name. */
export const madeTable = async (client: DynamoDBClient, layout: TableLayout): Promise<string> => {
  const name = `millrace-test-${randomUUID()}`;
  await client.send(new CreateTableCommand(tableInput(name, layout)));
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 2 }, { TableName: name });
  return name;
};

/** Deletes tables that {@link madeTable} made. */
export const deleteTables = async (client: DynamoDBClient, names: readonly string[]): Promise<void> => {
  for (const TableName of names) await client.send(new DeleteTableCommand({ TableName }));
};
