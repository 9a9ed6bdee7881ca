import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from './attributes.ts';

/** What DynamoDB takes: 400 KB with names and values. */
const LIMIT_BYTES = 400 * 1024;
/** The keys once more, in the index of timers, count too; and numbers are counted no more exactly than they are here. */
const MARGIN_BYTES = 4 * 1024;

/** The largest item that is sent to DynamoDB, in bytes as {@link itemBytes} counts them. */
export const MOST_ITEM_BYTES = LIMIT_BYTES - MARGIN_BYTES;

const NUMBER_BYTES = 21;
const MAP_BYTES = 3;
const MAP_ENTRY_BYTES = 1;

/**
 * The size of an item of texts, numbers and maps as DynamoDB counts it: names and texts in UTF-8, each number at its most.
 *
 * @example
 * ```ts
 * itemBytes({ pk: { S: 'ä' }, v: { N: '7' } }); // 26
 * itemBytes({ l: { M: { lane: { S: '01' } } } }); // 11
 * ```
 */
export const itemBytes = (item: Item): number => {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += Buffer.byteLength(name) + valueBytes(value);
  return bytes;
};

const valueBytes = ({ S, N, M }: AttributeValue): number => {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return NUMBER_BYTES;
  return M === undefined ? MAP_ENTRY_BYTES : MAP_BYTES + Object.keys(M).length * MAP_ENTRY_BYTES + itemBytes(M);
};
