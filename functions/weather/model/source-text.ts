/** A whole file that was read, with the name to use in errors. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** A file that can be read but does not say what it must: the user has to mend it or to name another one. */
export class FileContentError extends Error {
  override readonly name = 'FileContentError';
  readonly file: string;
  /** Counted from 1; absent where the fault is of the file as a whole. */
  readonly line: number | undefined;

  constructor(file: string, line: number | undefined, problem: string) {
    super(line === undefined ? `${file}: ${problem}` : `${file}, line ${line}: ${problem}`);
    this.file = file;
    this.line = line;
  }
}

const MAX_QUOTED_CHARS = 60;

/**
 * A value of JSON as an error shows it: on one line, with nothing a terminal would obey, and short.
 *
 * @example
 * ```ts
 * quoted('a\nb'); // '"a\\nb"'
 * quoted(7); // '7'
 * ```
 */
export const quoted = (value: unknown): string => {
  // JSON leaves DEL and the C1 controls as they are.
  const text = JSON.stringify(value).replaceAll(/[\u007f-\u009f\u2028\u2029]/g, '\ufffd');
  return text.length <= MAX_QUOTED_CHARS ? text : `${text.slice(0, MAX_QUOTED_CHARS)}...`;
};

/** The lines of a text that hold something, with their numbers from 1 and without carriage returns. */
export const filledLines = (text: string): { readonly number: number; readonly text: string }[] =>
  text
    .split('\n')
    .map((line, index) => ({ number: index + 1, text: line.endsWith('\r') ? line.slice(0, -1) : line }))
    .filter((line) => line.text.trim() !== '');
