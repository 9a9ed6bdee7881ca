import type { Topology } from '../../shared/processor/topology.ts';
import type { ReferenceRows } from '../../shared/runtime/local/reference-tables.ts';
import { CommandError } from '../errors/command-error.ts';
import type { InputTotals } from './books-report.ts';
import type { MailOptions } from './mail-file.ts';

/** What a run takes in, and the pipeline that takes it. */
export interface Source {
  readonly pipeline: Pipeline;
  /** In a few words, for people. */
  readonly title: string;
  readonly fingerprint: Fingerprint;
  /** How much it holds, in the unit of `done`. */
  readonly total: number;
  /** Chunks from a noted position on; from the first one where it is undefined. */
  open(position: unknown): AsyncIterable<Chunk<unknown>> | Iterable<Chunk<unknown>>;
  /** What has come in up to a noted position. */
  totals(position: unknown): InputTotals;
  /** How much has been read at a noted position, in the unit of `total`. */
  doneAt(position: unknown): number;
  /** Where a noted position is, in a few words. */
  placeOf(position: unknown): string;
}

/** A topology and all it needs to run here on raw text records. */
export interface Pipeline {
  readonly topology: Topology;
  /** The stream that raw records enter. */
  readonly source: string;
  readonly reference: ReferenceRows;
  readonly mail: MailOptions;
  /** The partition key of a raw record. */
  locate(record: string): string;
  /**
   * When records that come in together have arrived, in milliseconds since 1970. It follows from what they say, so no clock of a
   * machine decides a result; undefined where none of them says.
   *
   * @param beforeMs What it was for the records before them; the answer is never earlier.
   */
  arrivalMs(records: readonly string[], beforeMs: number | undefined): number | undefined;
}

/** Raw records that one cycle takes in, and what must be noted so that a later process can go on after them. */
export interface Chunk<Position> {
  /** In order; empty where only the position moves on. */
  readonly records: readonly string[];
  /** Plain data: it goes through JSON. */
  readonly position: Position;
  /** How much of the whole input has been read with this chunk, in the unit of the feed. */
  readonly done: number;
}

/** What the contents of a data folder follow from: the value of each argument, by its name. */
export type Fingerprint = Readonly<Record<string, string>>;

/**
 * Makes sure that a data folder goes on with what it was begun with. Throws a `CommandError` that says what differs.
 *
 * `noted` is what was found in the folder, `remedy` what to do apart from giving the same arguments.
 */
export const checkFingerprint = (folder: string, noted: unknown, given: Fingerprint, remedy: string): void => {
  const begun = new Map(
    Object.entries(typeof noted === 'object' && noted !== null ? noted : {}).map(([name, value]) => [
      name,
      String(value),
    ]),
  );
  const names = new Set([...begun.keys(), ...Object.keys(given)]);
  const differences = [...names]
    .filter((name) => begun.get(name) !== given[name])
    .map((name) => `${name} was ${begun.get(name) ?? 'not given'} and is now ${given[name] ?? 'not given'}`);
  if (differences.length === 0) return;
  throw new CommandError(
    `--data ${JSON.stringify(folder)} holds a run with other arguments: ${differences.join('; ')}; give the same ones, or ${remedy}`,
  );
};
