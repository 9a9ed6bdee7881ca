import { textIn } from './attributes.ts';
import { versionOf, type ItemFormat } from './item-format.ts';
import { rowKey } from './row-keys.ts';

/** Items in the table of a collection: `key`, `lane` and `value` as people read them. They have no timers. */
export const rowItems = (collection: string): ItemFormat => ({
  present: 'b',
  key: ({ key, partitionKey }) => {
    const { b, k } = rowKey(key, partitionKey);
    return { b: { S: b }, k: { S: k } };
  },
  item: ({ key, partitionKey, state, timerMs }) => {
    if (timerMs !== undefined) throw noTimers(collection);
    return { key: { S: key }, lane: { S: partitionKey }, ...(state !== undefined && { value: { S: state } }) };
  },
  stored: (item) => {
    const key = textIn(item, 'key');
    const partitionKey = textIn(item, 'lane');
    if (key === undefined || partitionKey === undefined) return undefined;
    return { collection, partitionKey, key, ...versionOf(item), state: textIn(item, 'value'), timerMs: undefined };
  },
});

/** The error for timers in a collection that is a table. */
export const noTimers = (collection: string): TypeError =>
  new TypeError(
    `table '${collection}' has no room for timers or event time: leave 'as' out of its processor, and fill the table by a second one`,
  );
