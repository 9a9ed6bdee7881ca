import { sortableNumber } from '../../../shared/stream/origin.ts';

/** A lane without the shard of its root: a reshard changes it, and with it nothing of what a run comes to. */
export const withoutShard = (lane: string): string => lane.replace(/^([^@;/]+)\/[^@;]*@/u, '$1@');

/**
 * Names for the raw records of a run that are the same in every run of one input. Sequence numbers are not: resharding uses
 * some up.
 */
export class RawLabels {
  readonly #labels = new Map<string, string>();

  add(sequenceNumber: string): void {
    this.#labels.set(sortableNumber(sequenceNumber), `raw${String(this.#labels.size + 1)}`);
  }

  /** A position with the name of its raw record in place of the number; one that comes from a timer is left as it is. */
  of(position: string): string {
    const end = position.indexOf('.');
    const root = end < 0 ? position : position.slice(0, end);
    const label = this.#labels.get(root);
    return label === undefined ? position : `${label}${position.slice(root.length)}`;
  }
}
