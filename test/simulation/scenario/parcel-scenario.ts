import type { PutEntry } from '../../../shared/runtime/local/log/partitioned-log.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { EditedTable } from '../world/edited-table.ts';
import type { Rule, Scan } from './parcel-streams.ts';
import { BROKEN_WEIGHT, parcelTopology } from './parcel-topology.ts';
import { entriesOf, type Raw } from './chunks.ts';
import type { Chunk, Scenario } from './scenario.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What was put, as far as one can say by itself what must become of it. */
export interface Sent {
  readonly scan: Scan;
  /** Why no step can take it; undefined for a good one. */
  readonly fault: 'undecodable' | 'step-failed' | undefined;
  readonly hasWrongDate: boolean;
  readonly arrivalMs: number;
}

/** What a run of parcels is judged by. */
export interface ParcelInput {
  /** By id, as they are put. */
  readonly sent: Map<string, Sent>;
  readonly rules: EditedTable<Rule>;
  /** Changes a rule, on the clock. */
  readonly edit: (nowMs: number) => string;
  /** What this input can do, by name, for the counts. */
  readonly counts: Map<string, number>;
}

/** Characters of a filler: the third of a key is too many for an item. */
const FILLER = 150_000;

const SHIFT_BITS = 96n;

/** Parcels that are scanned as the clock goes on. */
export const parcelScenario = (chance: SeededRandom): Scenario => {
  const places = ['bonn', 'köln/2', 'trier'].slice(0, chance.between(2, 3));
  const isScattered = chance.yes(0.3);
  const wrongDates = chance.yes(0.3) ? 0.15 : 0;
  const isHeavy = chance.yes(0.1);
  const sent = new Map<string, Sent>();
  const counts = new Map<string, number>();
  const count = (name: string): void => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  const rules = new EditedTable<Rule>(
    new Map(['a', 'b', 'c'].map((id) => [id, { id, minWeight: chance.between(1, 9) }])),
  );

  const rawOf = (place: string, nowMs: number): Raw => {
    const id = `p${String(sent.size + 1)}`;
    const dice = chance.next();
    const hasWrongDate = chance.yes(wrongDates);
    const isFilled = isHeavy && chance.yes(0.4);
    const scan: Scan = {
      id,
      place,
      route: chance.pick(['n', 's']),
      depot: chance.pick(['east', 'west']),
      weight: dice < 0.03 ? BROKEN_WEIGHT : chance.between(1, 10),
      isReturn: chance.yes(0.4),
      atMs: hasWrongDate
        ? chance.pick([0, nowMs + 30 * 365 * DAY_MS, nowMs + DAY_MS])
        : nowMs - chance.below(MINUTE_MS),
      ...(isFilled && { filler: FILLER }),
    };
    if (hasWrongDate) count('wrong date');
    if (isFilled) count('record that makes its state grow');
    const isBad = dice > 0.97;
    const fault = isBad ? 'undecodable' : dice < 0.03 ? 'step-failed' : undefined;
    sent.set(id, { scan, fault, hasWrongDate, arrivalMs: nowMs });
    return { partitionKey: place, text: isBad ? `{"id":"${id}", oops` : JSON.stringify(scan) };
  };
  const chunk: Chunk = (nowMs) => {
    const raws = Array.from({ length: chance.between(1, 6) }, () => rawOf(chance.pick(places), nowMs));
    return entriesOf(raws, chance).map((entry): PutEntry => {
      if (!isScattered || chance.yes(0.5)) return entry;
      count('explicit hash key');
      return { ...entry, explicitHashKey: String(BigInt(chance.below(2 ** 32)) << SHIFT_BITS) };
    });
  };
  const edit = (nowMs: number): string => {
    const id = chance.pick(['a', 'b', 'c', 'd']);
    const minWeight = chance.between(0, 10);
    rules.edit(id, minWeight === 0 ? undefined : { id, minWeight }, nowMs);
    return `rule ${id} is ${minWeight === 0 ? 'deleted' : `from ${String(minWeight)} on`}`;
  };
  return {
    name: 'parcels',
    topology: parcelTopology,
    reference: {},
    source: 'scans',
    phases: [Array.from({ length: chance.between(4, 10) }, () => chunk)],
    idleMs: 20 * MINUTE_MS,
    astray: () => [],
    mixedStreams: new Set(),
    parcels: { sent, rules, edit, counts },
  };
};
