import { KplAggregator } from '../../../shared/codec/kpl-aggregator.ts';
import { bytesOf } from '../../../shared/codec/text-bytes.ts';
import type { PutEntry } from '../../../shared/runtime/local/log/partitioned-log.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { Chunk } from './scenario.ts';

/** A raw record before it is put. */
export interface Raw {
  readonly partitionKey: string;
  readonly text: string;
  /** Put as an aggregate that was damaged on its way. */
  readonly isDamaged?: boolean;
}

/** Cuts the records of a phase into chunks; in each, neighbours of one key are put plain or packed into aggregates. */
export const chunksOf = (raws: readonly Raw[], chance: SeededRandom): readonly Chunk[] => {
  const chunks: Chunk[] = [];
  for (let at = 0; at < raws.length;) {
    const size = chance.between(1, Math.max(1, Math.ceil(raws.length / 2)));
    const entries = entriesOf(raws.slice(at, at + size), chance);
    chunks.push(() => entries);
    at += size;
  }
  return chunks;
};

/** Neighbours of one key are put plain or packed into aggregates. */
export const entriesOf = (raws: readonly Raw[], chance: SeededRandom): readonly PutEntry[] => {
  const entries: PutEntry[] = [];
  for (let at = 0; at < raws.length;) {
    const first = raws[at] ?? { partitionKey: '', text: '' };
    const { partitionKey } = first;
    const other = raws.slice(at).findIndex((raw) => raw.partitionKey !== partitionKey || raw.isDamaged === true);
    const run = other < 0 ? raws.length - at : Math.max(other, 1);
    const texts = raws.slice(at, at + chance.between(1, Math.min(run, 5))).map(({ text }) => text);
    if (first.isDamaged === true) entries.push(damaged(partitionKey, texts));
    else entries.push(...(chance.yes(0.4) ? [packed(partitionKey, texts)] : plain(partitionKey, texts)));
    at += texts.length;
  }
  return entries;
};

const plain = (partitionKey: string, texts: readonly string[]): readonly PutEntry[] =>
  texts.map((text) => ({ partitionKey, data: bytesOf(text) }));

const packed = (partitionKey: string, texts: readonly string[]): PutEntry => {
  const aggregator = new KplAggregator({ partitionKey });
  for (const text of texts) aggregator.append(text);
  return { partitionKey, data: aggregator.finish() };
};

const damaged = (partitionKey: string, texts: readonly string[]): PutEntry => {
  const { data } = packed(partitionKey, texts);
  return { partitionKey, data: data.with(data.length - 1, (data.at(-1) ?? 0) ^ 1) };
};
