import { KplAggregator } from './kpl-aggregator.ts';
import { bytesOf } from './text-bytes.ts';

/** One record as it is put into a stream, with how many of the payloads are in it. */
export interface PackedRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly count: number;
}

/**
 * Packs payloads of one partition key, in order, into as few records as they fit in: KPL aggregates, or the payload itself
 * where it is alone.
 */
export const packed = (partitionKey: string, payloads: readonly string[]): readonly PackedRecord[] => {
  const [only] = payloads;
  if (payloads.length === 1 && only !== undefined) return [{ partitionKey, data: bytesOf(only), count: 1 }];
  const aggregator = new KplAggregator({ partitionKey });
  const records: PackedRecord[] = [];
  const finish = (): void => {
    const { count } = aggregator;
    if (count > 0) records.push({ partitionKey, data: aggregator.finish(), count });
  };
  for (const data of payloads) {
    if (aggregator.append(data)) continue;
    finish();
    // What fits into no aggregate goes alone, and the stream says so if it is above the limit of a record.
    if (!aggregator.append(data)) records.push({ partitionKey, data: bytesOf(data), count: 1 });
  }
  finish();
  return records;
};
