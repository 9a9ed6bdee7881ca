import { numberIn, textIn } from './attributes.ts';
import { versionOf, type ItemFormat } from './item-format.ts';
import { addressAt, itemKey } from './state-keys.ts';

/** Items in the state table: `s` is the state, `t` the time of the timer; each is left out where there is none. */
export const stateItems: ItemFormat = {
  present: 'pk',
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
