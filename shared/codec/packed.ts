import { KINESIS_RECORD_BYTES, KplAggregator } from './kpl-aggregator.ts';
import { isAggregated } from './kpl.ts';
import { bytesOf } from './text-bytes.ts';

/** One record as it is put into a stream. */
export interface PackedRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** How many of the payloads are in it. */
  readonly count: number;
}

/** How {@link packed} packs. */
export interface PackingOptions {
  /**
   * Max bytes of a record, counted as Kinesis counts: data plus partition key in UTF-8.
   *
   * @default 1 MiB
   */
  readonly maxRecordBytes?: number;
  /**
   * Whether a payload that shares its record with no other is put as it is, or as an aggregate of one.
   *
   * @default 'plain'
   */
  readonly alone?: 'plain' | 'aggregate';
}

/**
 * Packs payloads of one partition key, in order, into as few records as they fit in, as KPL aggregates. The same payloads give
 * the same records.
 *
 * A payload that fits into no aggregate is put as it is, and the stream refuses it if it is above the limit of a record. A
 * payload that begins like an aggregate is never put plain if it fits into one, because it would be taken apart.
 *
 * @example
 * ```ts
 * packed('US-AZ', ['a', 'b']).map(({ count }) => count); // [2]
 * packed('US-AZ', ['a']); // [{ partitionKey: 'US-AZ', data: Uint8Array.of(0x61), count: 1 }]
 * ```
 */
export const packed = (
  partitionKey: string,
  payloads: readonly (Uint8Array | string)[],
  { maxRecordBytes = KINESIS_RECORD_BYTES, alone = 'plain' }: PackingOptions = {},
): readonly PackedRecord[] => {
  const [only] = payloads;
  if (payloads.length === 1 && only !== undefined && alone === 'plain' && !looksAggregated(only)) {
    return [plain(partitionKey, only)];
  }
  const aggregator = new KplAggregator({ partitionKey, maxRecordBytes });
  const records: PackedRecord[] = [];
  const finish = (): void => {
    const { count } = aggregator;
    if (count > 0) records.push({ partitionKey, data: aggregator.finish(), count });
  };
  for (const payload of payloads) {
    if (aggregator.append(payload)) continue;
    finish();
    if (!aggregator.append(payload)) records.push(plain(partitionKey, payload));
  }
  finish();
  return records;
};

const looksAggregated = (payload: Uint8Array | string): boolean => typeof payload !== 'string' && isAggregated(payload);

const plain = (partitionKey: string, payload: Uint8Array | string): PackedRecord => ({
  partitionKey,
  data: typeof payload === 'string' ? bytesOf(payload) : payload,
  count: 1,
});
