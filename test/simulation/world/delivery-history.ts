import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';
import { compareSequenceNumbers } from '../../../shared/stream/sequence-number.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** The records of one partition key that a processor was given, in order. */
interface KeyHistory {
  readonly records: DeliveredRecord[];
  /** Where the newest delivery of it began: everything before is done. */
  newestStart: number;
}

/** What a processor was given so far, to be given again. */
export class DeliveryHistory {
  readonly #keys = new Map<string, KeyHistory>();

  note(batch: readonly DeliveredRecord[]): void {
    const begun = new Set<string>();
    for (const record of batch) {
      const { partitionKey, sequenceNumber } = record;
      const known = this.#keys.get(partitionKey) ?? { records: [], newestStart: 0 };
      this.#keys.set(partitionKey, known);
      const at = known.records.findIndex((one) => one.sequenceNumber === sequenceNumber);
      if (at < 0) known.records.push(record);
      if (begun.has(partitionKey)) continue;
      begun.add(partitionKey);
      known.newestStart = at < 0 ? known.records.length - 1 : at;
    }
  }

  /**
   * A batch that may come again at any time: of some keys, records in a row that begin at or before the first one which may
   * not be done yet. One that began after it would leave a gap, and no mapping delivers such a one.
   */
  oldBatch(chance: SeededRandom): readonly DeliveredRecord[] {
    const keys = chance.shuffled([...this.#keys.values()]).slice(0, chance.between(1, 2));
    return keys
      .flatMap(({ records, newestStart }) => {
        const start = Math.max(0, newestStart - chance.below(8));
        return records.slice(start, start + chance.between(1, 12));
      })
      .sort((one, other) => compareSequenceNumbers(one.sequenceNumber, other.sequenceNumber));
  }
}
