import type { Topology } from '../../../shared/processor/topology.ts';
import type { PutEntry } from '../../../shared/runtime/local/log/partitioned-log.ts';
import type { ReferenceRows } from '../../../shared/runtime/local/reference-tables.ts';
import type { ParcelInput } from './parcel-scenario.ts';
import type { StreamView } from '../check/stream-view.ts';

/** The version of the steps' code. A step that a bug makes throw takes its record once the fix is deployed. */
export interface Code {
  isFixed: boolean;
  /** A later version may emit other things, and the same ones in another order. */
  version: 1 | 2;
}

/** Raw records that are put at once, as they are at a time on the clock. */
export type Chunk = (nowMs: number) => readonly PutEntry[];

/** What one schedule is about: a topology and its input. The same for the faulty run and the one it is compared with. */
export interface Scenario {
  readonly name: string;
  readonly topology: (code: Code) => Topology;
  readonly reference: ReferenceRows;
  /** The stream the input goes into. */
  readonly source: string;
  /**
   * The input. Between two phases, and after the last one, the run is drained and all partition keys fall idle, in every
   * run: what an idle key closes depends on what it was given before, so both runs must agree on that.
   */
  readonly phases: readonly (readonly Chunk[])[];
  /** Longer than `idleAfterMs` of every processor. */
  readonly idleMs: number;
  /** What is not in the one place where it must be, however the run went, for people. */
  readonly astray: (streams: ReadonlyMap<string, StreamView>) => readonly string[];
  /** Streams whose values depend on how lanes were mixed: each origin must have one value, but another run has another. */
  readonly mixedStreams: ReadonlySet<string>;
  /**
   * Set where the run meets what no two runs meet alike, such as records that are given up: it is then not compared with another
   * one, but each record that was put must be found again.
   */
  readonly parcels?: ParcelInput;
}

/** First moment of every run, on the clock; far after all event times, so that no watermark is bounded by arrival. */
export const CLOCK_START_MS: number = Date.UTC(2030, 0, 1);
