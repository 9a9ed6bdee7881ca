import { ConditionalCheckFailedException, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { retrying, type Patience } from '../../sink/retry.ts';
import type { WriteOutcome } from '../state-store.ts';
import type { Item } from './attributes.ts';
import { itemBytes, MOST_ITEM_BYTES } from './item-size.ts';

/** One write that only happens while the stored version is still `expected` (0: there is no such item). */
interface ConditionalPut {
  readonly table: string;
  readonly item: Item;
  /** Attribute that every item of the table has. */
  readonly present: string;
  readonly expected: number;
}

/** Somebody else is at the item right now: it is soon over, and no answer to the condition yet. */
const COLLISIONS: ReadonlySet<string> = new Set(['TransactionConflictException', 'ReplicatedWriteConflictException']);

/**
 * Writes an item, under its condition. Throttling and a network that fails are tried again until the deadline.
 *
 * A write whose answer was lost is tried again too, and is then told a conflict if it has happened: whoever reads the item
 * finds in its ledger that all is applied.
 */
export const conditionalPut = async (
  client: DynamoDBClient,
  patience: Patience,
  { table, item, present, expected }: ConditionalPut,
): Promise<WriteOutcome> => {
  if (itemBytes(item) > MOST_ITEM_BYTES) return 'too-large';
  const condition =
    expected === 0
      ? { ConditionExpression: `attribute_not_exists(${present})` }
      : { ConditionExpression: 'v = :v', ExpressionAttributeValues: { ':v': { N: String(expected) } } };
  const result = await retrying<WriteOutcome>(patience, async (abortSignal) => {
    try {
      await client.send(new PutItemCommand({ TableName: table, Item: item, ...condition }), { abortSignal });
      return { kind: 'done', value: 'written' };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { kind: 'done', value: 'conflict' };
      if (error instanceof Error && COLLISIONS.has(error.name)) return { kind: 'again', cause: error };
      throw error;
    }
  });
  return result.kind === 'done' ? result.value : 'throttled';
};
