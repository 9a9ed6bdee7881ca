import {
  BatchGetItemCommand,
  QueryCommand,
  ScanCommand,
  type DynamoDBClient,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { inParallel } from '../../aws/in-parallel.ts';
import { MAX_BATCH_GET } from '../../aws/limits.ts';
import { retrying, type Attempt, type RetryPolicy } from '../../aws/retry.ts';
import type { Item } from './items.ts';

/** A client that reads tables, and for how long that is retried. */
export interface TableReader extends RetryPolicy {
  readonly client: DynamoDBClient;
}

const CALLS_AT_ONCE = 8;

/** Repeats an attempt to read until it is done. Rejects, naming what was to be read, if the time that is left is not enough. */
const readInTime = async <Value>(
  what: string,
  policy: RetryPolicy,
  attempt: (signal: AbortSignal) => Promise<Attempt<Value>>,
): Promise<Value> => {
  const result = await retrying(policy, attempt);
  if (result.kind === 'done') return result.value;
  const { cause } = result;
  throw new Error(
    `${what} could not be read in the time that was left (${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}): ` +
      'give the function more time, or the table more capacity',
    { cause },
  );
};

/**
 * Reads the items of keys as they are now, strongly consistent; those that exist, in no order, each once. What DynamoDB leaves out
 * of an answer is asked for again.
 */
export const batchGet = async (reader: TableReader, table: string, keys: readonly Item[]): Promise<readonly Item[]> => {
  // DynamoDB refuses a call that names a key twice.
  const distinct = [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
  const groups: Item[][] = [];
  for (let from = 0; from < distinct.length; from += MAX_BATCH_GET) {
    groups.push(distinct.slice(from, from + MAX_BATCH_GET));
  }
  const answers = await inParallel(CALLS_AT_ONCE, groups, (group) => getGroup(reader, table, group));
  return answers.flat();
};

const getGroup = (reader: TableReader, table: string, group: Item[]): Promise<readonly Item[]> => {
  const found: Item[] = [];
  let open = group;
  return readInTime(`items of table '${table}'`, reader, async (abortSignal) => {
    const { Responses, UnprocessedKeys } = await reader.client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: open, ConsistentRead: true } } }),
      { abortSignal },
    );
    found.push(...(Responses?.[table] ?? []));
    const left = UnprocessedKeys?.[table]?.Keys ?? [];
    if (left.length === 0) return { kind: 'done', value: found };
    const progressed = left.length < open.length;
    open = left;
    return {
      kind: 'again',
      cause: new Error(`DynamoDB left ${String(left.length)} keys of a call unprocessed`),
      progressed,
    };
  });
};

/** A query of one partition of a table or index. */
export type PartitionQuery = Omit<QueryCommandInput, 'ExclusiveStartKey'> & { readonly TableName: string };

/** The pages of a query, each read when it is asked for. */
export async function* queryPages(reader: TableReader, query: PartitionQuery): AsyncGenerator<readonly Item[], void> {
  let start: Item | undefined;
  do {
    const page = await readInTime(`table '${query.TableName}'`, reader, async (abortSignal) => ({
      kind: 'done',
      value: await reader.client.send(new QueryCommand({ ...query, ExclusiveStartKey: start }), { abortSignal }),
    }));
    yield page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

/** All that a query finds. */
export const queryAll = async (reader: TableReader, query: PartitionQuery): Promise<readonly Item[]> => {
  const found: Item[] = [];
  for await (const page of queryPages(reader, query)) found.push(...page);
  return found;
};

/**
 * The pages of all items of the state table whose partition begins with a prefix. Reads the whole table: for looking into state by
 * hand, never for a function.
 */
export async function* scanPages(
  reader: TableReader,
  table: string,
  prefix: string,
): AsyncGenerator<readonly Item[], void> {
  let start: Item | undefined;
  do {
    const command = new ScanCommand({
      TableName: table,
      ConsistentRead: true,
      FilterExpression: 'begins_with(pk, :p)',
      ExpressionAttributeValues: { ':p': { S: prefix } },
      ExclusiveStartKey: start,
    });
    const page = await readInTime(`table '${table}'`, reader, async (abortSignal) => ({
      kind: 'done',
      value: await reader.client.send(command, { abortSignal }),
    }));
    yield page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}
