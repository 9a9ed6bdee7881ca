import type { ScheduleResult } from './schedule.ts';
import { FaultCounts } from './world/fault-counts.ts';

/** How many differences of a failing schedule are shown. */
const MAX_SHOWN = 8;
const MAX_CHARACTERS = 300;

/** What all schedules so far came to. */
export class Tally {
  readonly #startedMs = performance.now();
  readonly faults: FaultCounts = new FaultCounts();
  schedules = 0;
  failed = 0;
  lost = 0;
  doubled = 0;
  different = 0;
  repeats = 0;
  toldAgain = 0;

  /** Enters a result; answers what to say about it if it is a failure. */
  add(result: ScheduleResult): string | undefined {
    const { seed, scenario, lost, doubled, different } = result;
    this.schedules += 1;
    this.lost += lost.length;
    this.doubled += doubled.length;
    this.different += different.length;
    this.repeats += result.repeats;
    this.toldAgain += result.toldAgain;
    this.faults.addAll(result.counts);
    const differences = [
      ...lost.map((text) => `lost: ${text}`),
      ...doubled.map((text) => `doubled: ${text}`),
      ...different.map((text) => `different: ${text}`),
    ];
    if (differences.length === 0) return undefined;
    this.failed += 1;
    return [
      `seed ${String(seed)} (${scenario}) differs from the fault-free run in ${String(differences.length)} places:`,
      ...differences.slice(0, MAX_SHOWN).map((text) => `  ${text.slice(0, MAX_CHARACTERS)}`),
      replayOf(seed),
    ].join('\n');
  }

  /** Enters a schedule that could not be run to its end. */
  addBroken(seed: number, error: unknown): string {
    this.schedules += 1;
    this.failed += 1;
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `seed ${String(seed)} could not be run to its end: ${what}\n${replayOf(seed)}`;
  }

  progress(count: number): string {
    return `${String(this.schedules)} of ${String(count)} schedules, ${this.rate} a second, ${String(this.failed)} failed`;
  }

  get rate(): string {
    return ((this.schedules * 1000) / (performance.now() - this.#startedMs)).toFixed(1);
  }
}

const replayOf = (seed: number): string => `  replay it: npm run simulate -- --seed ${String(seed)}`;

/** The summary at the end. */
export const report = (tally: Tally): string => {
  const faults = tally.faults.entries();
  const width = Math.max(0, ...faults.map(([name]) => name.length));
  const injected = faults.reduce((sum, [, times]) => sum + times, 0);
  return [
    `faults injected: ${String(injected)}`,
    ...faults.map(([name, times]) => `  ${name.padEnd(width)}  ${String(times)}`),
    `schedules: ${String(tally.schedules)}, ${tally.rate} a second`,
    `repeats dropped by ledgers: ${String(tally.repeats)}`,
    `alerts mailed again (at least once, by nature): ${String(tally.toldAgain)}`,
    `records lost: ${String(tally.lost)}`,
    `effects doubled: ${String(tally.doubled)}`,
    `other differences: ${String(tally.different)}`,
    `failed: ${String(tally.failed)}`,
  ].join('\n');
};
