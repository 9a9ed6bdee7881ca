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

/** How often a word came. */
export interface WordCount {
  readonly word: string;
  readonly count: number;
}

/** How often a word came in five seconds. */
export interface RecentCount extends WordCount {
  /** Start of the five seconds; ISO 8601. */
  readonly start: string;
}

const isCount = (value: unknown): value is WordCount => typeof value === 'object' && value !== null && 'count' in value;
const isRecent = (value: unknown): value is RecentCount => isCount(value) && 'start' in value;

/** Letters and digits of any script; an apostrophe is a part of a word, a quotation mark is not. */
const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu;

// begin
/** Lines of text. Their order is of no matter, so few partition keys spread them. */
export const lines = stream<string>('wordcount-lines', { codec: text(), partitionKey: (line) => bucketOf(line, 16) });
/** Words: all of one word meet under one partition key. */
export const words = stream<string>('wordcount-words', { codec: text(), partitionKey: (word) => bucketOf(word, 16) });
/** How often each word came in each five seconds. */
export const recent = stream<RecentCount>('wordcount-recent', {
  codec: json('recent count', isRecent),
  partitionKey: ({ word }) => bucketOf(word, 16),
});
/** How often each word came, up to now. */
export const counts = table('wordcount-counts', json('count', isCount));

/** Cuts lines into words. */
export const split = processor({
  id: 'wordcount/split',
  from: lines,
  to: { words },
  step: ({ value: line }) => ({ emit: { words: line.toLowerCase().match(WORD) ?? [] } }),
});
/** Counts words, rolling. */
export const count = aggregate({
  id: 'wordcount/count',
  from: words,
  key: (word) => word,
  as: counts,
  initial: (word) => ({ word, count: 0 }),
  add: (row) => ({ ...row, count: row.count + 1 }),
});
/** Counts words in windows of five seconds, each said once, when it is over. */
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
/** Lines of text to counts of words. */
export const wordcount = topology('wordcount', [split, count, countRecent]);
// end
