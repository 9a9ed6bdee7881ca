import { BatchWriteItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { retrying } from '../../aws/retry.ts';
import type { Item } from './attributes.ts';
import type { TableReader } from './batch-get.ts';
import { inParallel } from '../../aws/in-parallel.ts';

/** What DynamoDB takes in one call. */
const MOST_ITEMS = 25;
const CALLS_AT_ONCE = 8;

/**
 * Writes items of distinct keys over whatever is there. Each call gets a writer of its own, with the deadline for it. Rejects
 * if something is not written by then; the rest may be.
 */
export const writeRows = async (writerOf: () => TableReader, table: string, items: readonly Item[]): Promise<void> => {
  const groups: WriteRequest[][] = [];
  for (let from = 0; from < items.length; from += MOST_ITEMS) {
    groups.push(items.slice(from, from + MOST_ITEMS).map((item) => ({ PutRequest: { Item: item } })));
  }
  await inParallel(CALLS_AT_ONCE, groups, async (group) => {
    let open = group;
    const writer = writerOf();
    const result = await retrying<undefined>(writer, async (abortSignal) => {
      const { UnprocessedItems } = await writer.client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: open } }),
        { abortSignal },
      );
      const left = UnprocessedItems?.[table] ?? [];
      if (left.length === 0) return { kind: 'done', value: undefined };
      const progressed = left.length < open.length;
      open = left;
      return { kind: 'again', cause: new Error(`DynamoDB left ${String(left.length)} rows unprocessed`), progressed };
    });
    if (result.kind === 'done') return;
    throw new Error(
      `${String(open.length)} rows or more of table '${table}' could not be written in the time that was left: write them again, it does no harm`,
      { cause: result.cause },
    );
  });
};
