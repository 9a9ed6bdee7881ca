import { hashKeyFromDecimal, hashKeyOf } from '../../../stream/hash-key.ts';
import type { HashKey } from '../../../stream/hash-key.ts';
import { LogRequestError } from './partitioned-log.ts';
import type { PutEntry, ShardDescription } from './partitioned-log.ts';

/** Kinesis' limit, in UTF-16 units as its Java clients count. */
const MAX_KEY_CHARACTERS = 256;
/** No UTF-16 unit takes more bytes in UTF-8. */
const MAX_BYTES_PER_CHARACTER = 3;

/** Throws {@link LogRequestError} for an entry that Kinesis would refuse. */
export const checkEntry = ({ partitionKey, data }: PutEntry, maxRecordBytes: number): void => {
  if (partitionKey.length === 0 || partitionKey.length > MAX_KEY_CHARACTERS) {
    throw new LogRequestError(
      'bad-partition-key',
      `a partition key has 1 to ${String(MAX_KEY_CHARACTERS)} characters, got ${String(partitionKey.length)}: '${partitionKey.slice(0, 40)}'`,
    );
  }
  if (data.length + partitionKey.length * MAX_BYTES_PER_CHARACTER <= maxRecordBytes) return;
  const bytes = data.length + Buffer.byteLength(partitionKey);
  if (bytes > maxRecordBytes) {
    throw new LogRequestError(
      'record-too-large',
      `a record of partition key '${partitionKey}' has ${String(bytes)} bytes with its key; at most ${String(maxRecordBytes)} are taken: store the payload elsewhere and send a reference`,
    );
  }
};

/** Partition keys are mostly few; where they are not, forgetting all of them now and then bounds the memory. */
const MAX_REMEMBERED_KEYS = 65_536;

/** Finds the open shard of an entry. Made anew whenever shards change. */
export class ShardRouter {
  readonly #starts: readonly string[];
  readonly #indexes: readonly number[];
  readonly #remembered = new Map<string, number>();

  constructor(shards: readonly ShardDescription[]) {
    const open = shards
      .map((shard, index) => ({ shard, index }))
      .filter(({ shard }) => shard.endingSequenceNumber === undefined)
      .sort((a, b) => (a.shard.startingHashKey < b.shard.startingHashKey ? -1 : 1));
    this.#starts = open.map(({ shard }) => shard.startingHashKey);
    this.#indexes = open.map(({ index }) => index);
  }

  /** The index of the entry's shard in the list that the router was made of. */
  indexFor(entry: PutEntry): number {
    if (entry.explicitHashKey !== undefined) return this.#find(entry);
    const known = this.#remembered.get(entry.partitionKey);
    if (known !== undefined) return known;
    const index = this.#find(entry);
    if (this.#remembered.size >= MAX_REMEMBERED_KEYS) this.#remembered.clear();
    this.#remembered.set(entry.partitionKey, index);
    return index;
  }

  #find(entry: PutEntry): number {
    const hashKey = hashKeyOfEntry(entry);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (hashKey >= (this.#starts[middle] ?? '')) low = middle;
      else high = middle - 1;
    }
    return this.#indexes[low] ?? 0;
  }
}

/** The place of an entry in the hash space. */
const hashKeyOfEntry = ({ partitionKey, explicitHashKey }: PutEntry): HashKey =>
  explicitHashKey === undefined ? hashKeyOf(partitionKey) : explicitPlace(explicitHashKey);

const explicitPlace = (explicitHashKey: string): HashKey => {
  try {
    return hashKeyFromDecimal(explicitHashKey);
  } catch (cause) {
    throw new LogRequestError('bad-hash-key', cause instanceof Error ? cause.message : String(cause), { cause });
  }
};
