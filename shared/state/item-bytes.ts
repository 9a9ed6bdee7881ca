import { MAX_BYTES_PER_CHARACTER } from '../codec/text-bytes.ts';
import { MAX_ITEM_BYTES, type ConditionalWrite } from './state-store.ts';

/** The parts of an item that take room. */
type SizedItem = Pick<
  ConditionalWrite,
  'collection' | 'partitionKey' | 'key' | 'isRow' | 'state' | 'ledger' | 'timerMs'
>;

const NUMBER_BYTES = 21;
const MAP_BYTES = 3;
const MAP_ENTRY_BYTES = 1;

/**
 * What every item has, whatever is in it: the names of its attributes, the marks in its keys, its version, timer and time of
 * writing as DynamoDB's largest numbers, and the list of its ledger.
 */
const FIXED_BYTES: number = 32 + 3 * NUMBER_BYTES + MAP_BYTES;

/**
 * The size of an item as DynamoDB counts it: keys, names and texts in UTF-8, each number at its largest. The keys of an item
 * with a timer count twice, because the index of timers has them too, and so do those of a row. An upper bound within 120
 * bytes for keys of up to 20 characters, because numbers take fewer bytes than their largest.
 *
 * @example
 * ```ts
 * itemBytes({ collection: 'a', partitionKey: 'b', key: 'ä', state: undefined, ledger: {}, timerMs: undefined }); // 102
 * itemBytes({ collection: 'a', partitionKey: 'b', key: 'ä', state: undefined, ledger: {}, timerMs: 5 }); // 204
 * ```
 */
export const itemBytes = (item: SizedItem): number => measured(item, utf8Bytes);

/**
 * The size of an item where it comes near what a store takes; of others at most that, at least a third: almost every item is
 * small, and that is known without encoding any text.
 */
export const nearItemBytes = (item: SizedItem): number => {
  const characters = measured(item, charactersIn);
  return characters * MAX_BYTES_PER_CHARACTER < MAX_ITEM_BYTES / 2 ? characters : itemBytes(item);
};

/** Whether no store takes the item, because it is larger than {@link MAX_ITEM_BYTES}. */
export const isTooLarge = (item: SizedItem): boolean => nearItemBytes(item) > MAX_ITEM_BYTES;

const utf8Bytes = (text: string): number => Buffer.byteLength(text);

const charactersIn = (text: string): number => text.length;

const measured = (item: SizedItem, bytesOf: (text: string) => number): number => {
  const { collection, partitionKey, key, isRow, state = '', ledger, timerMs } = item;
  const address = FIXED_BYTES + bytesOf(collection) + bytesOf(partitionKey) + bytesOf(key);
  let bytes = (timerMs !== undefined || isRow === true ? 2 * address : address) + bytesOf(state);
  for (const lane in ledger) bytes += bytesOf(lane) + bytesOf(ledger[lane] ?? '') + 2 * MAP_ENTRY_BYTES;
  return bytes;
};
