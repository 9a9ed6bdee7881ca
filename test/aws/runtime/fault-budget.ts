import { SeededRandom } from '../../simulation/seeded-random.ts';

/** How likely each thing is, at each invocation or call; drawn for each run. */
export interface FaultRates {
  readonly crash: number;
  readonly refuse: number;
  readonly zombie: number;
  readonly lostResponse: number;
  readonly duplicate: number;
  readonly throttledInvocation: number;
  readonly newEnvironment: number;
  /** An invocation that has hardly any time. */
  readonly shortTime: number;
  readonly throttledCall: number;
  readonly lostAnswer: number;
  readonly partlyPut: number;
}

/** The faults of one run: how likely they are, how many there may still be, and how often each has struck. */
export class FaultBudget {
  readonly chance: SeededRandom;
  readonly rates: FaultRates;
  readonly counts = new Map<string, number>();
  #left = 0;

  constructor(seed: number) {
    const chance = new SeededRandom(seed, 3);
    const often = (likely: number): number => (chance.yes(0.75) ? (0.3 + 0.7 * chance.next()) * likely : 0);
    this.chance = chance;
    this.rates = {
      crash: often(0.4),
      refuse: often(0.3),
      zombie: often(0.3),
      lostResponse: often(0.3),
      duplicate: often(0.4),
      throttledInvocation: often(0.15),
      newEnvironment: often(0.5),
      shortTime: often(0.3),
      throttledCall: often(0.05),
      lostAnswer: often(0.05),
      partlyPut: often(0.2),
    };
  }

  /** From here on this many faults may strike. */
  refill(faults: number): void {
    this.#left = faults;
  }

  /** Whether something happens that is this likely. */
  wants(likely: number): boolean {
    return this.#left > 0 && this.chance.yes(likely);
  }

  /** Counts a fault that strikes. */
  struck(what: string): void {
    this.#left -= 1;
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}
