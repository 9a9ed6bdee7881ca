import type { IoPoint } from '../../../shared/testing/faults.ts';
import type { SeededRandom } from '../seeded-random.ts';

const MINUTE_MS = 60_000;

/** What can be out at once: a service, or one thing that it does. */
const SERVICES: readonly (readonly [name: string, points: readonly IoPoint[]])[] = [
  ['state', ['write', 'advance']],
  ['state', ['write', 'advance']],
  ['watermarks', ['advance']],
  ['streams', ['put']],
  ['dead letters', ['dead-letter']],
  ['notifications', ['notify']],
  ['all writes', ['write', 'advance', 'put', 'dead-letter', 'notify']],
];

/** A service that refuses everything for longer than an invocation may take: no retry inside of one can get through. */
export class Outage {
  #refused: ReadonlySet<IoPoint> = new Set();
  #untilMs = -Infinity;

  /** Begins an outage; says of what. */
  begin(chance: SeededRandom, nowMs: number): string {
    const [name, points] = chance.pick(SERVICES);
    this.#refused = new Set(points);
    this.#untilMs = nowMs + chance.between(2 * MINUTE_MS, 30 * MINUTE_MS);
    return name;
  }

  end(): void {
    this.#untilMs = -Infinity;
  }

  isOn(nowMs: number): boolean {
    return nowMs < this.#untilMs;
  }

  refuses(point: IoPoint, nowMs: number): boolean {
    return this.isOn(nowMs) && this.#refused.has(point);
  }
}
