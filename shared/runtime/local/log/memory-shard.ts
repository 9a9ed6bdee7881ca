import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import type { ReadLimit } from './partitioned-log.ts';

/** Trimmed records are let go in lumps of at least this many, so that a trim costs next to nothing. */
const SMALLEST_LUMP = 1024;

/** The records of one shard in memory: an array whose front is trimmed by moving a mark and let go lazily. */
export class MemoryShard {
  #records: DeliveredRecord[] = [];
  #first = 0;

  append(record: DeliveredRecord): void {
    this.#records.push(record);
  }

  count(after: string | undefined): number {
    return this.#records.length - this.#indexAfter(after);
  }

  read(after: string | undefined, limit: ReadLimit): readonly DeliveredRecord[] {
    const start = this.#indexAfter(after);
    const most = Math.min(this.#records.length, start + limit.records);
    let end = start;
    for (let bytes = 0; end < most; end += 1) {
      bytes += this.#records[end]?.data.length ?? 0;
      if (bytes > limit.bytes && end > start) break;
    }
    return this.#records.slice(start, end);
  }

  trim(through: string): void {
    this.#first = this.#indexAfter(through);
    if (this.#first === this.#records.length) {
      this.#records = [];
      this.#first = 0;
    } else if (this.#first >= SMALLEST_LUMP && this.#first * 2 >= this.#records.length) {
      this.#records = this.#records.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Sequence numbers of one log have the same length, so text order is number order. */
  #indexAfter(after: string | undefined): number {
    if (after === undefined) return this.#first;
    let low = this.#first;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#records[middle]?.sequenceNumber ?? '') <= after) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
