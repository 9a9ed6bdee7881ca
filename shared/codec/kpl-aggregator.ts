import { KPL_DIGEST_BYTES, KPL_MAGIC, KPL_MAGIC_BYTES, KPL_TAG, trustedAggregates, kplDigest } from './kpl-format.ts';

/** Max bytes of a Kinesis record by default: data and partition key together. */
export const KINESIS_RECORD_BYTES: number = 1024 * 1024;

/** What {@link KplAggregator} is made with. */
export interface KplAggregatorOptions {
  /** 1 to 256 characters; the Kinesis record must be put under the same key. */
  readonly partitionKey: string;
  /**
   * Max bytes of the Kinesis record, counted as Kinesis counts: data plus partition key in UTF-8.
   *
   * @default 1 MiB
   */
  readonly maxRecordBytes?: number;
}

/**
 * Packs payloads of ONE partition key into one Kinesis record that every KPL consumer can unpack.
 *
 * One key only, because an aggregate goes to the shard of its own key: records of a second key could land in a shard whose hash
 * range they do not belong to, and consumers drop those. The order of `append` is kept, and a partial failure of `PutRecords`
 * cannot swap two records of the aggregate.
 *
 * `append` copies the payload, so the caller may reuse its buffer. The aggregator can be used again after `finish`.
 *
 * @example
 * ```ts
 * const aggregator = new KplAggregator({ partitionKey: 'US-AZ' });
 * aggregator.append(Uint8Array.of(1, 2, 3)); // true
 * aggregator.sizeBytes; // 36
 * aggregator.finish().length; // 36
 * aggregator.count; // 0
 * ```
 */
export class KplAggregator {
  readonly #headBytes: number;
  readonly #maxEndExclusive: number;
  #buffer: Buffer;
  #end: number;
  #count = 0;

  constructor({ partitionKey, maxRecordBytes = KINESIS_RECORD_BYTES }: KplAggregatorOptions) {
    const keyBytes = Buffer.byteLength(partitionKey);
    this.#headBytes = KPL_MAGIC_BYTES + 1 + varintBytes(keyBytes) + keyBytes;
    this.#maxEndExclusive = maxRecordBytes - keyBytes - KPL_DIGEST_BYTES;
    if (this.#maxEndExclusive < this.#headBytes) {
      throw new RangeError(
        `maxRecordBytes must leave room for the partition key twice and ${String(ENVELOPE_BYTES)} bytes, got ${String(maxRecordBytes)} for a key of ${String(keyBytes)} bytes`,
      );
    }
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(FIRST_BUFFER_BYTES, this.#headBytes));
    this.#buffer.set(KPL_MAGIC);
    this.#buffer[KPL_MAGIC_BYTES] = KPL_TAG.partitionKey;
    const keyStart = writeVarint(this.#buffer, KPL_MAGIC_BYTES + 1, keyBytes);
    this.#buffer.write(partitionKey, keyStart);
    this.#end = this.#headBytes;
  }

  /** User records appended since the last `finish`. */
  get count(): number {
    return this.#count;
  }

  /** Bytes that `finish` would return now. */
  get sizeBytes(): number {
    return this.#end + KPL_DIGEST_BYTES;
  }

  /**
   * Adds one payload. False if it does not fit, and nothing changes: finish and append again. False while `count` is 0 means
   * that it fits into no aggregate of this size. A text is appended as UTF-8.
   */
  append(data: Uint8Array | string): boolean {
    const dataBytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length;
    const recordBytes = INDEX_BYTES + 1 + varintBytes(dataBytes) + dataBytes;
    const end = this.#end + 1 + varintBytes(recordBytes) + recordBytes;
    if (end > this.#maxEndExclusive) return false;
    this.#reserve(end);
    const buffer = this.#buffer;
    buffer[this.#end] = KPL_TAG.record;
    let at = writeVarint(buffer, this.#end + 1, recordBytes);
    buffer[at] = KPL_TAG.partitionKeyIndex;
    buffer[at + 1] = 0;
    buffer[at + 2] = KPL_TAG.data;
    at = writeVarint(buffer, at + 3, dataBytes);
    if (typeof data === 'string') buffer.write(data, at);
    else buffer.set(data, at);
    this.#end = end;
    this.#count += 1;
    return true;
  }

  /** Returns the Kinesis record's data, in memory of its own, and empties the aggregator. */
  finish(): Uint8Array {
    const record = new Uint8Array(this.sizeBytes);
    record.set(this.#buffer.subarray(0, this.#end));
    record.set(kplDigest(record.subarray(KPL_MAGIC_BYTES, this.#end)), this.#end);
    this.#end = this.#headBytes;
    this.#count = 0;
    trustedAggregates.add(record);
    return record;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, Math.min(this.#buffer.length * 2, this.#maxEndExclusive)));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}

/** Magic, tag and length of the key, digest. */
const ENVELOPE_BYTES = 23;
const FIRST_BUFFER_BYTES = 1024;
/** Tag and value 0: the key is the only one of its table. */
const INDEX_BYTES = 2;

const varintBytes = (value: number): number => {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
};

const writeVarint = (buffer: Uint8Array, start: number, value: number): number => {
  let at = start;
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) buffer[at++] = (rest % 0x80) | 0x80;
  buffer[at++] = rest;
  return at;
};
