/**
 * The port by which records enter a pipeline: files, standard input, a generator. A source gives raw records in order, in chunks,
 * with a position after each that a later process can go on from.
 */
export interface Source {
  /** In a few words, for people. */
  readonly title: string;
  /** What decides its records, by the name of the option that says so: a run that is resumed must have the same. */
  readonly fingerprint: Readonly<Record<string, string>>;
  /** How much it holds, in the unit of `done`; undefined where only its end tells. */
  readonly total: number | undefined;
  /** Whether it can be read again, from a noted position; a pipe cannot. */
  readonly canResume: boolean;
  /** Chunks from a noted position on; from the first one where it is undefined. */
  open(position: unknown, options: OpenOptions): AsyncIterable<Chunk> | Iterable<Chunk>;
  /** What has come in up to a noted position. */
  totals(position: unknown): InputTotals;
  /** How much has been read at a noted position, in the unit of `total`. */
  doneAt(position: unknown): number;
  /** Where a noted position is, in a few words. */
  placeOf(position: unknown): string;
}

/** How a source is to be read. */
export interface OpenOptions {
  /** Records of one chunk; a source may fill it up to a natural boundary. */
  readonly chunkRecords: number;
  /** What to do about inputs that were changed since they were read, apart from putting them back. */
  readonly remedy: string;
}

/** Raw records that are taken in together, and what must be noted so that a later process can go on after them. */
export interface Chunk<Position = unknown> {
  /** In order; empty where only the position moves on. */
  readonly records: readonly string[];
  /** Plain data: it goes through JSON. */
  readonly position: Position;
  /** How much of the whole input has been read with this chunk, in the unit of the source. */
  readonly done: number;
}

/** What came in. */
export interface InputTotals {
  /** Lines of text, damaged ones not counted. */
  readonly lines: number;
  /** Records made of them; a line of some formats is many. */
  readonly records: number;
  readonly damaged: readonly DamagedInput[];
}

/** An input that could be read up to some line only. */
export interface DamagedInput {
  readonly file: string;
  /** First line that cannot be read, from 1. */
  readonly atLine: number;
  readonly reason: string;
}
