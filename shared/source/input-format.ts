import { UserError } from './user-error.ts';

/**
 * One kind of input: how its lines become the raw records that a pipeline takes.
 *
 * A reader's output depends on the lines alone and not on how they are cut into batches, so a repeated run produces the same
 * records in the same order.
 */
export interface InputFormat {
  /** As `--format` names it. */
  readonly name: string;
  /** What such a line is, in a few words. */
  readonly help: string;
  /** Whether a line may be of this format; asked of the first lines of an input. */
  looksLike(line: string): boolean;
  /** Opens a reader for one file; it begins with the file's first line. @default - each line is a record */
  readonly open?: () => LineReader;
}

/** Reads one file from its first line to its last. Nothing is lost: each line gives at least one record, now or later. */
export interface LineReader {
  /** Takes the next lines of the file; may return records of earlier ones, and may keep some back. */
  read(lines: readonly string[]): readonly string[];
  /** Signals the end of the file; returns what was kept back. @default - nothing is kept back */
  end?(): readonly string[];
}

/** Opens a reader for one file of a format. */
export const openReader = ({ open }: InputFormat): Required<LineReader> => {
  const reader: LineReader = open?.() ?? { read: (lines) => lines };
  return { read: (lines) => reader.read(lines), end: () => reader.end?.() ?? [] };
};

/** Each line is a record, whatever it is: the format of a pipeline that names none. */
export const plainLines: InputFormat = { name: 'lines', help: 'each line is a record', looksLike: () => true };

/** What the first lines of an input are. */
export type Look =
  /** The format that the lines are of; undefined where they decide nothing. */
  | { readonly kind: 'text'; readonly format: InputFormat | undefined }
  /** No text at all: each line will be an invalid record. */
  | { readonly kind: 'binary' };

/** How many lines {@link lookAt} looks at. */
export const SAMPLE_LINES = 1000;
const SAMPLE_CHARS = 65_536;
const MIN_SAMPLE_LINES = 20;
// Text has hardly any of these characters, packed data about one in three.
const BINARY_SHARE = 0.1;
const NOT_TEXT = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\ufffd]/g;

/**
 * Looks at the first lines of an input. `wanted` is the format that all lines must be of; without it the lines decide.
 *
 * Throws a {@link UserError} where they are of another format, or of none: every line would be invalid. A few bad lines pass:
 * they are what they are, and the books say so.
 */
export const lookAt = (
  input: string,
  sample: readonly string[],
  formats: readonly InputFormat[],
  wanted: InputFormat | undefined,
): Look => {
  const filled = sample.filter(isFilled);
  const countOf = (format: InputFormat): number => filled.filter((line) => format.looksLike(line)).length;
  if (filled.length === 0) return { kind: 'text', format: wanted };
  if (wanted !== undefined && countOf(wanted) > 0) return { kind: 'text', format: wanted };
  // With a wanted format, most lines must say that it is another one; without, the one that most of them are.
  const [most] = formats
    .map((format) => ({ format, count: countOf(format) }))
    .sort((one, other) => other.count - one.count);
  const isKnown = most !== undefined && (wanted === undefined ? most.count > 0 : most.count * 2 > filled.length);
  if (isKnown && wanted === undefined) return { kind: 'text', format: most.format };
  if (!isKnown && isBinary(filled.join('').slice(0, SAMPLE_CHARS))) return { kind: 'binary' };
  // A short file may hold nothing but dirt on a bad day; a long one is another file.
  if (!isKnown && filled.length < MIN_SAMPLE_LINES) return { kind: 'text', format: wanted };
  const line = String(sample.findIndex(isFilled) + 1);
  const names = wanted?.name ?? `any of ${formats.map(({ name }) => name).join(', ')}`;
  throw new UserError(
    `cannot read ${JSON.stringify(input)}, line ${line}: ${
      isKnown
        ? `this is not ${names}, it looks like ${most.format.name}; give --format ${most.format.name}, or inputs of one format`
        : `none of the first ${String(filled.length)} lines is ${names}; check the file, or give another --format`
    }`,
  );
};

const isFilled = (line: string): boolean => line.trim() !== '';

const isBinary = (text: string): boolean => (text.match(NOT_TEXT)?.length ?? 0) > text.length * BINARY_SHARE;
