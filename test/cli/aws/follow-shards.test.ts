import { expect, test } from '@jest/globals';
import { followShards } from '../../../cli/aws/tail/follow-shards.ts';
import type { ReadFrom, ShardSource } from '../../../cli/aws/kinesis-shards.ts';
import { MemoryLog } from '../../../shared/runtime/local/log/memory-log.ts';

const STREAM = 'raw';
const PAGE = { records: 2, bytes: Infinity };

/** Shards of a log in memory, read as Kinesis has them read: small pages, and an end only after the last record. */
const shardsOf = (log: MemoryLog): ShardSource => ({
  shards: () =>
    Promise.resolve(
      log.shards(STREAM).map(({ shardId, parentShardIds, endingSequenceNumber }) => ({
        shardId,
        parents: parentShardIds,
        closed: endingSequenceNumber !== undefined,
      })),
    ),
  read: (shardId, from) => {
    let after = from.kind === 'now' ? log.latestSequenceNumber(STREAM) : undefined;
    return {
      next: () => {
        const records = log.read(STREAM, shardId, after, PAGE);
        after = records.at(-1)?.sequenceNumber ?? after;
        const left = log.count(STREAM, shardId, after);
        const closed = log.shards(STREAM).find((one) => one.shardId === shardId)?.endingSequenceNumber !== undefined;
        return Promise.resolve({ records, ended: closed && left === 0, behindMs: left });
      },
    };
  },
});

/** Reads while things happen, one between every two looks at the stream, until nothing more comes. */
const follow = async (
  log: MemoryLog,
  from: ReadFrom,
  happenings: readonly (() => void)[],
): Promise<readonly string[]> => {
  const waiting = [...happenings];
  const seen: string[] = [];
  let quiet = 0;
  const pages = followShards({
    source: shardsOf(log),
    from,
    pause: () => {
      quiet = waiting.length === 0 ? quiet + 1 : 0;
      waiting.shift()?.();
      return Promise.resolve();
    },
    stopped: () => quiet > 3,
  });
  for await (const page of pages) {
    quiet = 0;
    for (const { data } of page) seen.push(Buffer.from(data).toString());
  }
  return seen;
};

const KEYS = ['US-AZ', 'US-CA', 'US-NV', 'MX', 'CA', 'GM'];
const put = (log: MemoryLog, from: number, to: number): void => {
  for (let at = from; at < to; at += 1) {
    log.put(
      STREAM,
      KEYS.map((partitionKey) => ({ partitionKey, data: Buffer.from(`${partitionKey} ${String(at)}`) })),
      at,
    );
  }
};
const inOrder = (from: number, to: number): ReadonlyMap<string, readonly string[]> =>
  new Map(KEYS.map((key) => [key, Array.from({ length: to - from }, (_, index) => `${key} ${String(from + index)}`)]));
const byKey = (seen: readonly string[]): ReadonlyMap<string, readonly string[]> =>
  new Map(KEYS.map((key) => [key, seen.filter((text) => text.startsWith(`${key} `))]));

const madeLog = (): MemoryLog => {
  const log = new MemoryLog();
  log.createStream(STREAM, { shards: 2 });
  return log;
};
const open = (log: MemoryLog, at: number): string =>
  log.shards(STREAM).filter(({ endingSequenceNumber }) => endingSequenceNumber === undefined)[at]?.shardId ?? '';

test('shards that are split and merged while they are read, and before, are followed with each key in order', async () => {
  const log = madeLog();
  put(log, 0, 5);
  log.split(STREAM, open(log, 0));
  put(log, 5, 10);
  const seen = await follow(log, { kind: 'start' }, [
    () => put(log, 10, 12),
    () => {
      log.split(STREAM, open(log, 0));
      put(log, 12, 15);
    },
    () => {
      const [lower, upper] = log
        .shards(STREAM)
        .filter(({ endingSequenceNumber }) => endingSequenceNumber === undefined)
        .sort((one, other) => (one.startingHashKey < other.startingHashKey ? -1 : 1));
      log.merge(STREAM, lower?.shardId ?? '', upper?.shardId ?? '');
      put(log, 15, 20);
    },
  ]);
  expect(byKey(seen)).toEqual(inOrder(0, 20));
});

test('from now on shows what comes from now on, in the shards that a later split makes too', async () => {
  const log = madeLog();
  put(log, 0, 5);
  log.split(STREAM, open(log, 0));
  put(log, 5, 10);
  const seen = await follow(log, { kind: 'now' }, [
    () => put(log, 10, 12),
    () => {
      log.split(STREAM, open(log, 0));
      put(log, 12, 15);
    },
  ]);
  expect(byKey(seen)).toEqual(inOrder(10, 15));
});
