import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from './items.ts';
import { STATE_TABLE } from './table-layout.ts';

const NUMBER_BYTES = 21;
const CONTAINER_BYTES = 3;
const ENTRY_BYTES = 1;

/**
 * The size of an item of texts, numbers, lists and maps as DynamoDB counts it: names and texts in UTF-8, each number at its most.
 *
 * @example
 * ```ts
 * itemBytes({ pk: { S: 'ä' }, v: { N: '7' } }); // 26
 * itemBytes({ l: { M: { lane: { S: '01' } } } }); // 11
 * itemBytes({ h: { L: [{ S: '01' }] } }); // 7
 * ```
 */
export const itemBytes = (item: Item): number => {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += Buffer.byteLength(name) + valueBytes(value);
  return bytes;
};

const valueBytes = ({ S, N, M, L }: AttributeValue): number => {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return NUMBER_BYTES;
  if (M !== undefined) return CONTAINER_BYTES + Object.keys(M).length * ENTRY_BYTES + itemBytes(M);
  if (L === undefined) return ENTRY_BYTES;
  return CONTAINER_BYTES + L.reduce((sum, value) => sum + ENTRY_BYTES + valueBytes(value), 0);
};

/** What counts towards DynamoDB's limit of an item: the item, and its keys once more in each local index that it is in. */
export const storedBytes = (item: Item): number =>
  STATE_TABLE.localIndexes.reduce((bytes, { sortKey }) => {
    const { pk, sk, [sortKey.name]: indexed } = item;
    if (pk === undefined || sk === undefined || indexed === undefined) return bytes;
    return bytes + itemBytes({ pk, sk, [sortKey.name]: indexed });
  }, itemBytes(item));
