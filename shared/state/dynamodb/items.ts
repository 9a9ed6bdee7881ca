import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { ConditionalWrite, StateAddress, StoredItem } from '../state-store.ts';
import { rowKey } from './row-keys.ts';
import { addressAt, itemKey } from './state-keys.ts';

/** An item, or the key of one, as DynamoDB writes it. */
export type Item = Record<string, AttributeValue>;

/** The text in an attribute; undefined without one. */
export const textIn = (item: Item, name: string): string | undefined => item[name]?.S;

/** The number in an attribute; undefined without one. */
export const numberIn = (item: Item, name: string): number | undefined => {
  const digits = item[name]?.N;
  return digits === undefined ? undefined : Number(digits);
};

/** How items are laid out in a table. */
export interface ItemFormat {
  readonly key: (address: StateAddress) => Item;
  /** The item as it is after the write, apart from what {@link versioned} adds. */
  readonly item: (write: ConditionalWrite) => Item;
  /** What an item says; undefined for one that is not state. */
  readonly stored: (item: Item) => StoredItem | undefined;
}

/** Items in the state table: `s` is the state, `t` the time of the timer; either may be left out. */
export const stateItems: ItemFormat = {
  key: (address) => {
    const { pk, sk } = itemKey(address);
    return { pk: { S: pk }, sk: { S: sk } };
  },
  item: ({ state, timerMs }) => ({
    ...(state !== undefined && { s: { S: state } }),
    ...(timerMs !== undefined && { t: { N: String(timerMs) } }),
  }),
  stored: (item) => {
    const address = addressAt(textIn(item, 'pk') ?? '', textIn(item, 'sk') ?? '');
    if (address === undefined) return undefined;
    return { ...address, ...versionOf(item), state: textIn(item, 's'), timerMs: numberIn(item, 't') };
  },
};

/** Items in the table of a collection: `key`, `owner` and `value` as people read them. They have no timers. */
export const rowItems = (collection: string): ItemFormat => ({
  key: ({ key }) => {
    const { b, k } = rowKey(key);
    return { b: { S: b }, k: { S: k } };
  },
  item: ({ key, partitionKey, state, timerMs }) => {
    if (timerMs !== undefined) throw noTimers(collection);
    return { key: { S: key }, owner: { S: partitionKey }, ...(state !== undefined && { value: { S: state } }) };
  },
  stored: (item) => {
    const key = textIn(item, 'key');
    const partitionKey = textIn(item, 'owner');
    if (key === undefined || partitionKey === undefined) return undefined;
    const address = { collection, partitionKey, key, isRow: true };
    return { ...address, ...versionOf(item), state: textIn(item, 'value'), timerMs: undefined };
  },
});

/** The error for timers in a collection that is a table. */
export const noTimers = (collection: string): TypeError =>
  new TypeError(
    `table '${collection}' has no room for timers or event time: leave 'as' out of its processor, and fill the table by a second one`,
  );

/** The whole item of a write: laid out, with version, ledger, and the time at which it may be forgotten. */
export const versioned = (format: ItemFormat, write: ConditionalWrite, forgetAfterMs: number): Item => {
  const forgetAtSeconds = forgetAt(write, forgetAfterMs);
  return {
    ...format.key(write),
    ...format.item(write),
    v: { N: String(write.expected + 1) },
    l: mapOf(write.ledger),
    ...(forgetAtSeconds !== undefined && { x: { N: String(forgetAtSeconds) } }),
  };
};

/**
 * When DynamoDB may delete an item, in seconds since 1970; undefined for never. Only a ledger without state or timer is
 * forgotten: it serves to recognise repeats, and none come once the stream has let go of the records.
 */
const forgetAt = (
  { state, timerMs, writtenAtMs }: Pick<ConditionalWrite, 'state' | 'timerMs' | 'writtenAtMs'>,
  forgetAfterMs: number,
): number | undefined =>
  state === undefined && timerMs === undefined ? Math.ceil((writtenAtMs + forgetAfterMs) / 1000) : undefined;

const versionOf = (item: Item): Pick<StoredItem, 'version' | 'ledger'> => ({
  version: numberIn(item, 'v') ?? 0,
  ledger: textsIn(item, 'l'),
});

/** The texts in a map; an empty one where the item has no map. `fromEntries`, so that `__proto__` is a name like any other. */
const textsIn = (item: Item, name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(item[name]?.M ?? {}).flatMap(([key, { S }]): [string, string][] =>
      S === undefined ? [] : [[key, S]],
    ),
  );

const mapOf = (texts: Readonly<Record<string, string>>): AttributeValue => ({
  M: Object.fromEntries(Object.entries(texts).map(([key, S]) => [key, { S }])),
});
