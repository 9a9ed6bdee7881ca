import type {
  EventSourceMappingOptions,
  SimulationOptions,
} from '../../../shared/runtime/local/mapping/mapping-options.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** What one schedule is like: how likely each thing is to happen, at each invocation or turn. */
export interface Profile {
  readonly crash: number;
  readonly refuse: number;
  readonly zombie: number;
  readonly lostResponse: number;
  readonly throttledInvocation: number;
  /** Others at the same items: conditional writes that fail. */
  readonly contention: number;
  /** Another environment that takes the same batch at the same time, and writes first. */
  readonly rival: number;
  /** A service that refuses everything for minutes. */
  readonly outage: number;
  /** How far the clock of an environment may be ahead or late, in milliseconds. */
  readonly skewMs: number;
  /** A poller that goes on from an old checkpoint. */
  readonly restart: number;
  readonly duplicate: number;
  readonly reshard: number;
  /** A sweep that must find nothing to do. */
  readonly needlessSweep: number;
  /** Sweeps at once, and together with old batches, where partition keys are idle. */
  readonly sweepRaces: number;
  /** Sweeps that move event time and get no further, before the input goes on. */
  readonly halfSweeps: number;
  /** Batches of the next phase that are begun before a sweep and end after it. */
  readonly overtaken: number;
  /**
   * Partition keys fall idle in the midst of the input, and sweeps race it. What is late then depends on who is faster, so the
   * run is not compared with another one, but must be right in itself.
   */
  readonly isFree: boolean;
  /** A call that takes some turns of the others. */
  readonly slowCall: number;
  /** Input that comes while processors are at work. */
  readonly earlyInput: number;
  readonly newEnvironment: number;
  /** Faults a phase has at most, so that it ends. */
  readonly faults: number;
  readonly shards: number;
  /** Options of the poller, anew for each that is started. */
  readonly mapping: () => Partial<EventSourceMappingOptions & SimulationOptions>;
}

/** A profile: some schedules know one sort of fault only, and some everything at once. */
export const profileOf = (chance: SeededRandom): Profile => {
  const isMixed = chance.yes(0.5);
  const only = chance.below(12);
  const often = (index: number, likely: number): number =>
    isMixed ? (chance.yes(0.7) ? chance.next() * likely : 0) : only === index ? likely : 0;
  return {
    crash: often(0, 0.4),
    refuse: often(1, 0.4),
    zombie: often(2, 0.4),
    lostResponse: often(3, 0.4),
    throttledInvocation: often(4, 0.2),
    duplicate: often(5, 0.6),
    reshard: often(6, 0.1),
    contention: often(7, 0.3),
    restart: often(8, 0.3),
    rival: often(10, 0.5),
    outage: often(11, 0.02),
    skewMs: chance.pick([0, 5_000, 60_000]),
    sweepRaces: isMixed || only === 9 ? chance.next() : chance.pick([0, 0.5]),
    halfSweeps: chance.pick([0, 0.5]),
    overtaken: chance.pick([0, 0.4]),
    isFree: chance.yes(0.25),
    needlessSweep: chance.pick([0, 0.02, 0.1]),
    slowCall: chance.pick([0, 0.1, 0.5]),
    earlyInput: chance.pick([0, 0.05]),
    newEnvironment: chance.pick([0, 0.2, 0.8]),
    faults: chance.between(3, 30),
    shards: chance.between(1, 3),
    mapping: () => ({
      batchSize: chance.pick([1, 2, 3, 5, 8, 13, 20]),
      parallelizationFactor: chance.between(1, 3),
      bisectBatchOnFunctionError: chance.yes(0.5),
      maximumRetryAttempts: -1,
      maximumConcurrency: chance.pick([1, 20]),
      reading: chance.pick(['kind', 'unkind']),
    }),
  };
};
