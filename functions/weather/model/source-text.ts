/** A file's text, with its name for errors. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** A file that can be read but has the wrong content: the user must fix it or name another one. */
export class FileContentError extends Error {
  override readonly name = 'FileContentError';
  readonly file: string;
  /** Counted from 1; absent if the fault concerns the whole file. */
  readonly line: number | undefined;

  constructor(file: string, line: number | undefined, problem: string) {
    super(line === undefined ? `${file}: ${problem}` : `${file}, line ${line}: ${problem}`);
    this.file = file;
    this.line = line;
  }
}

const MAX_QUOTED_CHARS = 60;

/**
 * A JSON value as an error shows it: short, on one line, without control characters.
 *
 * @example
 * ```ts
 * quoted('a\nb'); // '"a\\nb"'
 * quoted(7); // '7'
 * ```
 */
export const quoted = (value: unknown): string => {
  // JSON does not escape DEL and the C1 controls.
  const text = JSON.stringify(value).replaceAll(/[\u007f-\u009f\u2028\u2029]/g, '\ufffd');
  return text.length <= MAX_QUOTED_CHARS ? text : `${text.slice(0, MAX_QUOTED_CHARS)}...`;
};

/** The non-blank lines of a text, with their numbers from 1 and without carriage returns. */
export const filledLines = (text: string): { readonly number: number; readonly text: string }[] =>
  text
    .split('\n')
    .map((line, index) => ({ number: index + 1, text: line.endsWith('\r') ? line.slice(0, -1) : line }))
    .filter((line) => line.text.trim() !== '');
