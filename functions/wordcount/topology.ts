import {
  aggregate,
  bucketOf,
  json,
  processor,
  stream,
  table,
  text,
  topology,
  tumbling,
  windowed,
} from '../../shared/index.ts';

const isCount = (value: unknown): value is number => typeof value === 'number';
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isWindowCount = (value: unknown): value is WindowCount => isObject(value) && 'word' in value && 'count' in value;

/** How often a word came in five seconds. */
export interface WindowCount {
  readonly word: string;
  /** Start of the five seconds; ISO 8601. */
  readonly start: string;
  readonly count: number;
}

/** Letters and digits of any script; an apostrophe is a part of a word, a quotation mark is not. */
const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu;

// begin
export const lines = stream<string>('wordcount-lines', { codec: text(), partitionKey: (line) => bucketOf(line, 16) });
export const words = stream<string>('wordcount-words', { codec: text(), partitionKey: (word) => bucketOf(word, 16) });
export const recent = stream<WindowCount>('wordcount-recent', {
  codec: json('window count', isWindowCount),
  partitionKey: ({ word }) => bucketOf(word, 16),
});
export const counts = table('wordcount-counts', json('count', isCount));

export const split = processor({
  id: 'wordcount/split',
  from: lines,
  to: { words },
  step: ({ value: line }) => ({ emit: { words: line.toLowerCase().match(WORD) ?? [] } }),
});
export const count = aggregate({
  id: 'wordcount/count',
  from: words,
  key: (word) => word,
  as: counts,
  initial: () => 0,
  add: (sum) => sum + 1,
});
export const countRecent = windowed({
  id: 'wordcount/recent',
  from: words,
  to: { recent },
  key: (word) => word,
  window: tumbling({ sizeMs: 5_000, graceMs: 0 }),
  initial: () => 0,
  add: (sum) => sum + 1,
  emit: 'final',
  result: (sum, { key: word, startMs }) => ({ recent: [{ word, start: new Date(startMs).toISOString(), count: sum }] }),
});
export const wordcount = topology('wordcount', [split, count, countRecent]);
// end
