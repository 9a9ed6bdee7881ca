import { KplAggregator } from '../../../shared/codec/kpl-aggregator.ts';
import { bytesOf } from '../../../shared/codec/text-bytes.ts';
import type { PutEntry } from '../../../shared/runtime/local/log/partitioned-log.ts';
import type { Chance } from '../chance.ts';
import type { Portion } from './scenario.ts';

/** A raw record before it is put. */
export interface Raw {
  readonly partitionKey: string;
  readonly text: string;
}

/** Cuts the records of a phase into portions; in each, neighbours of one key are put plain or packed into aggregates. */
export const portionsOf = (raws: readonly Raw[], chance: Chance): readonly Portion[] => {
  const portions: Portion[] = [];
  for (let at = 0; at < raws.length;) {
    const size = chance.between(1, Math.max(1, Math.ceil(raws.length / 2)));
    portions.push(entriesOf(raws.slice(at, at + size), chance));
    at += size;
  }
  return portions;
};

const entriesOf = (raws: readonly Raw[], chance: Chance): Portion => {
  const entries: PutEntry[] = [];
  for (let at = 0; at < raws.length;) {
    const { partitionKey } = raws[at] ?? { partitionKey: '' };
    const same = raws.slice(at).findIndex((raw) => raw.partitionKey !== partitionKey);
    const run = same < 0 ? raws.length - at : same;
    const texts = raws.slice(at, at + chance.between(1, Math.min(run, 5))).map(({ text }) => text);
    entries.push(...(chance.yes(0.4) ? [packed(partitionKey, texts)] : plain(partitionKey, texts)));
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
