import type { Portion } from '../feed/portion.ts';
import type { InputTotals } from '../report/books-report.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { Pipeline } from './pipeline.ts';

/** What a run takes in, and the pipeline it takes it in with. */
export interface Source {
  readonly pipeline: Pipeline;
  /** In a few words, for people. */
  readonly title: string;
  readonly fingerprint: Fingerprint;
  /** How much there is, in the unit of `done`. */
  readonly total: number;
  /** Portions from a noted position on; from the first one where it is undefined. */
  open(position: unknown): AsyncIterable<Portion<unknown>> | Iterable<Portion<unknown>>;
  /** What has come in up to a noted position. */
  totals(position: unknown): InputTotals;
  /** How much is behind a noted position when reading goes on from it. */
  doneAt(position: unknown): number;
  /** Where a noted position is, in a few words. */
  placeOf(position: unknown): string;
}
