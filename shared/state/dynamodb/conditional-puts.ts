import { ConditionalCheckFailedException, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inParallel } from '../../aws/in-parallel.ts';
import { isTransient, retrying, type RetryPolicy } from '../../aws/retry.ts';
import type { WriteOutcome } from '../state-store.ts';
import type { Item } from './attributes.ts';
import { itemBytes, MOST_ITEM_BYTES } from './item-size.ts';

/** One write that only happens while the stored version is still `expected` (0: there is no such item). */
export interface ConditionalPut {
  readonly table: string;
  readonly item: Item;
  /** Attribute that every item of the table has. */
  readonly present: string;
  readonly expected: number;
}

/** Somebody else is at the item right now: it is soon over, and no answer to the condition yet. */
const COLLISIONS: ReadonlySet<string> = new Set(['TransactionConflictException', 'ReplicatedWriteConflictException']);

/** The client's connections are 50. */
const WRITES_AT_ONCE = 48;

/**
 * Writes items, each under its condition; one outcome each, in order. Throttling and a network that fails are tried again
 * until the deadline, after all others had their turn: a partition that is hot keeps nobody else waiting.
 *
 * A write whose answer was lost is tried again too, and is then told a conflict if it has happened: whoever reads the item
 * finds in its ledger that all is applied.
 */
export const conditionalPuts = async (
  client: DynamoDBClient,
  patience: RetryPolicy,
  puts: readonly ConditionalPut[],
): Promise<readonly WriteOutcome[]> => {
  const outcomes = puts.map(({ item }): WriteOutcome =>
    itemBytes(item) > MOST_ITEM_BYTES ? 'too-large' : 'throttled',
  );
  let open = [...puts.entries()].filter(([index]) => outcomes[index] === 'throttled');
  if (open.length === 0) return outcomes;
  await retrying<undefined>(patience, async (abortSignal) => {
    let cause: unknown;
    await inParallel(WRITES_AT_ONCE, open, async ([index, put]) => {
      try {
        await client.send(putCommand(put), { abortSignal });
        outcomes[index] = 'written';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) outcomes[index] = 'conflict';
        else if (abortSignal.aborted || isTransient(error) || isCollision(error)) cause = error;
        else throw error;
      }
    });
    const left = open.filter(([index]) => outcomes[index] === 'throttled');
    const progressed = left.length < open.length;
    open = left;
    return left.length === 0 ? { kind: 'done', value: undefined } : { kind: 'again', cause, progressed };
  });
  return outcomes;
};

const isCollision = (error: unknown): boolean => error instanceof Error && COLLISIONS.has(error.name);

const putCommand = ({ table, item, present, expected }: ConditionalPut): PutItemCommand => {
  const condition =
    expected === 0
      ? { ConditionExpression: `attribute_not_exists(${present})` }
      : { ConditionExpression: 'v = :v', ExpressionAttributeValues: { ':v': { N: String(expected) } } };
  return new PutItemCommand({ TableName: table, Item: item, ...condition });
};
