import { PutItemCommand, type DynamoDBClient, type PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import { inParallel } from '../../aws/in-parallel.ts';
import { MAX_CALLS_AT_ONCE } from '../../aws/limits.ts';
import { isTransient, retrying, type RetryPolicy } from '../../aws/retry.ts';
import { MAX_ITEM_BYTES, type WriteOutcome } from '../state-store.ts';
import { storedBytes } from './item-size.ts';
import type { Item } from './items.ts';

/** What must hold of the stored item for a write to happen. */
export type Condition = Pick<
  PutItemCommandInput,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** One write under a condition. */
export interface ConditionalPut {
  readonly table: string;
  readonly item: Item;
  readonly condition: Condition;
}

/**
 * The condition that the stored version is still `expected`; 0: no such item exists. `present` is an attribute that every item of
 * the table has. With an `owner`, only the item that belongs to it may be written over.
 */
export const isVersion = (present: string, expected: number, owner?: string): Condition => {
  if (expected === 0) return { ConditionExpression: `attribute_not_exists(${present})` };
  const version = { ':v': { N: String(expected) } };
  if (owner === undefined) return { ConditionExpression: 'v = :v', ExpressionAttributeValues: version };
  return {
    ConditionExpression: 'v = :v AND #owner = :owner',
    ExpressionAttributeNames: { '#owner': 'owner' },
    ExpressionAttributeValues: { ...version, ':owner': { S: owner } },
  };
};

/**
 * Writes items, each under its condition; one outcome each, in order. Throttling and a network that fails are retried until the
 * deadline, after all others had their turn: a hot partition keeps no other waiting. An item that DynamoDB refuses is
 * that item's outcome; rejects for what would befall every item, as a missing table or permission does.
 *
 * A write whose answer was lost is retried too, and is then a conflict if it has happened: the reader of the item
 * finds in its ledger that all is applied.
 */
export const conditionalPuts = async (
  client: DynamoDBClient,
  policy: RetryPolicy,
  puts: readonly ConditionalPut[],
): Promise<readonly WriteOutcome[]> => {
  const outcomes = puts.map(({ item }): WriteOutcome =>
    storedBytes(item) > MAX_ITEM_BYTES ? 'too-large' : 'throttled',
  );
  let open = [...puts.entries()].filter(([index]) => outcomes[index] === 'throttled');
  if (open.length === 0) return outcomes;
  await retrying<undefined>(policy, async (abortSignal) => {
    let cause: unknown;
    await inParallel(MAX_CALLS_AT_ONCE, open, async ([index, { table, item, condition }]) => {
      try {
        await client.send(new PutItemCommand({ TableName: table, Item: item, ...condition }), { abortSignal });
        outcomes[index] = 'written';
      } catch (error) {
        const outcome = outcomeOf(error);
        if (outcome !== undefined) outcomes[index] = outcome;
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

/** Another writer is at the item right now: it is soon over, and no answer to the condition yet. */
const COLLISIONS: ReadonlySet<string> = new Set(['TransactionConflictException', 'ReplicatedWriteConflictException']);

const isCollision = (error: unknown): boolean => error instanceof Error && COLLISIONS.has(error.name);

/** What an error says of the item alone; undefined where it says nothing of it. */
const outcomeOf = (error: unknown): WriteOutcome | undefined => {
  if (!(error instanceof Error)) return undefined;
  switch (error.name) {
    case 'ConditionalCheckFailedException':
      return 'conflict';
    case 'ItemCollectionSizeLimitExceededException':
      return 'refused';
    case 'ValidationException':
      if (BLAMES_THE_TABLE.test(error.message)) return undefined;
      return IS_ABOUT_SIZE.test(error.message) ? 'too-large' : 'refused';
    default:
      return undefined;
  }
};

/** Sizes of items, of hash and range keys. */
const IS_ABOUT_SIZE = /\bsize\b/iu;

/** A table that is laid out otherwise, or an expression it does not know: every item would be refused. */
const BLAMES_THE_TABLE = /schema|missing the key|type mismatch for (index )?key|expression|table ?name/iu;
