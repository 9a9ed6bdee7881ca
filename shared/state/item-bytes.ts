import { MAX_ITEM_BYTES, type ConditionalWrite } from './state-store.ts';

/** The parts of an item that take room. */
type SizedItem = Pick<ConditionalWrite, 'collection' | 'partitionKey' | 'key' | 'state' | 'ledger' | 'timerMs'>;

/** No UTF-16 unit takes more bytes in UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

const NUMBER_BYTES = 21;
const MAP_BYTES = 3;
const MAP_ENTRY_BYTES = 1;

/**
 * What every item has, whatever is in it: the names of its attributes, the marks in its keys, its version, timer and time of
 * writing as DynamoDB's largest numbers, and the list of its ledger.
 */
const FIXED_BYTES: number = 32 + 3 * NUMBER_BYTES + MAP_BYTES;

/**
 * The size of an item as DynamoDB counts it: keys, names and texts in UTF-8, each number at its largest. An upper bound
 * within 100 bytes, because numbers take fewer bytes than their largest.
 *
 * @example
 * ```ts
 * itemBytes({ collection: 'a', partitionKey: 'b', key: 'ä', state: undefined, ledger: {}, timerMs: undefined }); // 102
 * ```
 */
export const itemBytes = (item: SizedItem): number => FIXED_BYTES + measured(item, utf8Bytes);

/** Whether no store takes the item, because it is larger than {@link MAX_ITEM_BYTES}. */
export const isTooLarge = (item: SizedItem): boolean =>
  // Almost every item is small, and that is known without encoding any text.
  FIXED_BYTES + measured(item, maxBytes) > MAX_ITEM_BYTES && itemBytes(item) > MAX_ITEM_BYTES;

const utf8Bytes = (text: string): number => Buffer.byteLength(text);

const maxBytes = (text: string): number => text.length * MAX_BYTES_PER_UNIT;

const measured = (item: SizedItem, bytesOf: (text: string) => number): number => {
  const { collection, partitionKey, key, state = '', ledger } = item;
  let bytes = bytesOf(collection) + bytesOf(partitionKey) + bytesOf(key) + bytesOf(state);
  for (const lane in ledger) bytes += bytesOf(lane) + bytesOf(ledger[lane] ?? '') + 2 * MAP_ENTRY_BYTES;
  return bytes;
};
