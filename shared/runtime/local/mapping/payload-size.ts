import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import { kinesisEvent, type MappingNames } from './kinesis-event.ts';

/** Lambda's limit for the payload of a synchronous invocation. */
export const MAX_PAYLOAD_BYTES: number = 6 * 1024 * 1024;

/** A character of a key takes 6 bytes in JSON at most: \u0000. */
const MAX_BYTES_PER_CHARACTER = 6;
const MAX_REMEMBERED_KEYS = 65_536;
/** AWS writes times of arrival with three decimals: 1607497475.000. */
const TIMESTAMP_BYTES = '1607497475.000'.length;

const base64Bytes = (bytes: number): number => Math.ceil(bytes / 3) * 4;

/** Computes how large an invocation's JSON would be, without making it. */
export class PayloadSize {
  /** The JSON of an event with no records, and what a record adds besides its data and key. */
  readonly emptyBytes: number;
  readonly #envelopeBytes: number;
  readonly #keyBytes = new Map<string, number>();

  /** `windowed`: whether the event has the members of a tumbling window. */
  constructor(names: MappingNames, shardId: string, sequenceNumberDigits: number, windowed: boolean) {
    const window = {
      startMs: 0,
      endMsExclusive: 0,
      state: {},
      isFinalInvokeForWindow: false,
      isWindowTerminatedEarly: false,
    };
    const bytesWith = (records: readonly DeliveredRecord[]): number =>
      Buffer.byteLength(
        JSON.stringify(kinesisEvent(windowed ? { shardId, records, window } : { shardId, records }, names)),
      );
    const sequenceNumber = '4'.repeat(sequenceNumberDigits);
    const bare = { partitionKey: '', sequenceNumber, data: new Uint8Array(), arrivalMs: 0 };
    this.emptyBytes = bytesWith([]);
    // With the comma between records; the time of arrival above is '0', the key '""'.
    this.#envelopeBytes = bytesWith([bare]) - this.emptyBytes + 1 - '0'.length + TIMESTAMP_BYTES - '""'.length;
  }

  /** What one record adds to the payload. */
  bytesOf({ partitionKey, data }: DeliveredRecord): number {
    return this.#envelopeBytes + base64Bytes(data.length) + this.#jsonBytes(partitionKey);
  }

  /** Whether all of them fit, by an upper bound that costs two additions a record; false may still fit. */
  surelyFit(records: readonly DeliveredRecord[], end: number): boolean {
    let bytes = this.emptyBytes + end * (this.#envelopeBytes + 6);
    for (let index = 0; index < end; index += 1) {
      const record = records[index];
      if (record !== undefined) {
        bytes += (record.data.length * 4) / 3 + record.partitionKey.length * MAX_BYTES_PER_CHARACTER;
      }
    }
    return bytes <= MAX_PAYLOAD_BYTES;
  }

  #jsonBytes(partitionKey: string): number {
    const known = this.#keyBytes.get(partitionKey);
    if (known !== undefined) return known;
    const bytes = Buffer.byteLength(JSON.stringify(partitionKey));
    if (this.#keyBytes.size >= MAX_REMEMBERED_KEYS) this.#keyBytes.clear();
    this.#keyBytes.set(partitionKey, bytes);
    return bytes;
  }
}
