import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RetryPolicy } from '../../aws/retry.ts';
import type { Item } from './attributes.ts';
import { inParallel } from '../../aws/in-parallel.ts';
import { readInTime } from './read-in-time.ts';

/** What DynamoDB takes in one call. */
const MOST_KEYS = 100;
const CALLS_AT_ONCE = 8;

/** A table and the client that reads it. */
export interface TableReader extends RetryPolicy {
  readonly client: DynamoDBClient;
}

/**
 * Reads the items of distinct keys as they are now; those there are, in no order. What DynamoDB leaves out of an answer is
 * asked for again.
 */
export const batchGet = async (reader: TableReader, table: string, keys: readonly Item[]): Promise<readonly Item[]> => {
  const groups: Item[][] = [];
  for (let from = 0; from < keys.length; from += MOST_KEYS) groups.push(keys.slice(from, from + MOST_KEYS));
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
