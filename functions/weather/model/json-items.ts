import { FileContentError, type SourceText } from '../../../shared/source/user-error.ts';
import { filledLines, quoted } from './source-text.ts';

/** One value of a file, with the line it begins on, counted from 1. */
export interface JsonItem {
  readonly line: number;
  readonly value: unknown;
}

/**
 * The values of a JSON array (over any number of lines) or of JSON lines (one value a line), each with its line.
 *
 * A file is an array where its first character other than blanks is `[`. An empty file has no values. Throws a
 * {@link FileContentError} naming the line of the first value that is not JSON, or of the place where the array is broken.
 */
export const jsonItems = (source: SourceText): readonly JsonItem[] => {
  const isArray = source.text.trimStart().startsWith('[');
  const texts = isArray
    ? arrayItems(source)
    : filledLines(source.text).map(({ number, text }) => ({ line: number, text }));
  return texts.map(({ line, text }) => ({ line, value: parse(source.file, line, text) }));
};

interface ItemText {
  readonly line: number;
  readonly text: string;
}

const parse = (file: string, line: number, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new FileContentError(file, line, `not JSON: ${quoted(text.trim())}; check quotes, commas and brackets`);
  }
};

/** Cuts the text of an array at the commas of its outermost level, so that each value can be named by its line. */
const arrayItems = ({ file, text }: SourceText): readonly ItemText[] => {
  const broken = (line: number, problem: string): FileContentError =>
    new FileContentError(file, line, `${problem}; check brackets and commas of the JSON array`);
  const items: ItemText[] = [];
  let depth = 0;
  let line = 1;
  let item = { from: 0, line: 0 };
  let isInString = false;
  let isClosed = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\n') line += 1;
    if (isInString) {
      if (character === '\\') at += 1;
      else if (character === '"') isInString = false;
      continue;
    }
    if (BLANKS.includes(character)) continue;
    if (isClosed) throw broken(line, `unexpected text after the array: ${quoted(text.slice(at).trim())}`);
    if (depth === 1 && (character === ',' || character === ']')) {
      const isEmptyArray = character === ']' && items.length === 0 && item.line === 0;
      if (item.line === 0 && !isEmptyArray) throw broken(line, `a value is missing before ${quoted(character)}`);
      if (!isEmptyArray) items.push({ line: item.line, text: text.slice(item.from, at) });
      item = { from: 0, line: 0 };
      isClosed = character === ']';
      continue;
    }
    if (depth === 1 && item.line === 0) item = { from: at, line };
    if (character === '"') isInString = true;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth === 0) throw broken(line, `the array is closed by ${quoted(character)}`);
  }
  if (!isClosed) throw broken(item.line === 0 ? line : item.line, 'the array is not closed');
  return items;
};

const BLANKS = ' \t\r\n';
