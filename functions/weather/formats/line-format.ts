/**
 * One kind of input file: how its lines become the raw lines of GHCN CSV that the pipeline takes.
 *
 * A reader's output depends on the lines alone and not on how they are cut into batches, so a repeated run produces the same lines
 * in the same order.
 */
export interface LineFormat {
  readonly name: string;
  /** A reader for one file; it begins with the file's first line. */
  open(): LineReader;
}

/** Reads one file from its first line to its last. Nothing is lost: each line gives at least one raw line, now or later. */
interface LineReader {
  /** Takes the next lines of the file; may return raw lines of earlier ones, and may keep some back. */
  read(lines: readonly string[]): readonly string[];
  /** Signals the end of the file; returns what was kept back. */
  end(): readonly string[];
}
