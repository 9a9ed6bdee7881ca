/**
 * One kind of input file: how its lines become the raw lines of GHCN CSV that the pipeline takes.
 *
 * What a reader gives depends on the lines alone and not on how they are cut into batches, so a run that is repeated produces the
 * same lines in the same order.
 */
export interface LineFormat {
  readonly name: string;
  /** A reader for one file; it begins with the file's first line. */
  open(): LineReader;
}

/** Reads one file from its first line to its last. Nothing is lost: each line gives at least one raw line, now or later. */
interface LineReader {
  /** Takes the next lines of the file; may give raw lines of earlier ones, and may keep some back. */
  read(lines: readonly string[]): readonly string[];
  /** Says that the file has no more lines; gives what was kept back. */
  end(): readonly string[];
}
