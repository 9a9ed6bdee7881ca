import { MAX_BYTES_PER_CHARACTER } from '../codec/text-bytes.ts';
import { MAX_ITEM_BYTES, type ConditionalWrite } from './state-store.ts';

/** The parts of an item that take room. */
interface SizedItem extends Pick<ConditionalWrite, 'collection' | 'partitionKey' | 'key' | 'state' | 'timerMs'> {
  readonly isRow?: boolean | undefined;
}

type Ledger = ConditionalWrite['ledger'];

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
export const itemBytes = (item: SizedItem & { readonly ledger: Ledger }): number =>
  measured(item, utf8Bytes) + sizeOf(item.ledger, utf8Bytes);

/**
 * The size of an item where it comes near what a store takes, `inLedger` of it its ledger; of others at most that, at least a
 * third: almost every item is small, and that is known without encoding any text.
 */
export const nearItemBytes = (item: SizedItem, inLedger: number): number => {
  const characters = measured(item, charactersIn) + inLedger;
  return characters * MAX_BYTES_PER_CHARACTER < MAX_ITEM_BYTES / 2 ? characters : measured(item, utf8Bytes) + inLedger;
};

/** Bytes of a ledger. Names of lanes and positions are ASCII. */
export const ledgerBytes = (ledger: Ledger): number => sizeOf(ledger, charactersIn);

/** Bytes that an entry of a ledger takes beside its name and its position. */
export const LEDGER_ENTRY_BYTES: number = 2 * MAP_ENTRY_BYTES;

/** Whether no store takes the item, because it is larger than {@link MAX_ITEM_BYTES}. */
export const isTooLarge = (item: SizedItem & { readonly ledger: Ledger }): boolean =>
  // No text is encoded where even three bytes a character would fit.
  (measured(item, charactersIn) + ledgerBytes(item.ledger)) * MAX_BYTES_PER_CHARACTER > MAX_ITEM_BYTES &&
  itemBytes(item) > MAX_ITEM_BYTES;

const utf8Bytes = (text: string): number => Buffer.byteLength(text);

const charactersIn = (text: string): number => text.length;

const measured = (item: SizedItem, bytesOf: (text: string) => number): number => {
  const { collection, partitionKey, key, isRow, state = '', timerMs } = item;
  const address = FIXED_BYTES + bytesOf(collection) + bytesOf(partitionKey) + bytesOf(key);
  return (timerMs !== undefined || isRow === true ? 2 * address : address) + bytesOf(state);
};

const sizeOf = (ledger: Ledger, bytesOf: (text: string) => number): number => {
  let bytes = 0;
  for (const lane in ledger) bytes += bytesOf(lane) + bytesOf(ledger[lane] ?? '') + LEDGER_ENTRY_BYTES;
  return bytes;
};
