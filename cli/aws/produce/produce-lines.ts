import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { LineFormat } from '../../../functions/weather/formats/line-format.ts';
import { fileFeed, type FeedFile } from '../../run/file-feed.ts';
import { FIRST_POSITION, type FilePosition } from '../../run/file-feed.ts';
import type { Interrupt } from '../../run/interrupt.ts';
import { rateLimiter } from '../../run/rate-limiter.ts';
import type { ExactPut } from './exact-put.ts';
import { markedEntries } from './marked-aggregate.ts';
import type { PositionFile, ProducerPosition } from './position-file.ts';

export interface ProduceOptions {
  readonly files: readonly FeedFile[];
  readonly format: LineFormat;
  readonly locate: (line: string) => string;
  readonly exact: ExactPut;
  readonly positions: PositionFile;
  /** Milliseconds since 1970, by the clock of the service. */
  readonly serviceNowMs: () => number;
  /** Lines per second; `Infinity` is as fast as it goes. */
  readonly rate: number;
  readonly interrupt: Interrupt;
  readonly after: (lines: number, position: FilePosition) => void;
}

/** What this process has done, and how far the whole has come. */
export interface Produced {
  readonly lines: number;
  readonly kinesisRecords: number;
  readonly at: ProducerPosition;
}

const CHUNK_RECORDS = 10_000;
/** With a rate, chunks are what goes out in this time, so that lines flow evenly. */
const CHUNK_SECONDS = 0.25;

/**
 * Writes the lines of files into a stream, chunk by chunk, and notes before each chunk what it is about to write and
 * after it that it is written. What was in doubt when an earlier process ended is looked up in the stream first.
 */
export const produceLines = async (options: ProduceOptions): Promise<Produced> => {
  const { files, format, locate, exact, positions, serviceNowMs, rate, interrupt, after } = options;
  let at: ProducerPosition = positions.read() ?? {
    run: randomBytes(16).toString('base64url'),
    position: FIRST_POSITION,
    finished: false,
  };
  const { run } = at;
  const pace = rateLimiter(rate, Date.now);
  let lines = 0;
  let kinesisRecords = 0;

  const write = async (records: readonly string[], position: FilePosition): Promise<void> => {
    const groups = Map.groupBy(records, locate);
    const entries = markedEntries(groups, { run, record: at.position.records });
    const { inDoubt } = at;
    if (inDoubt === undefined && entries.length > 0) {
      at = { ...at, inDoubt: { records: records.length, fromMs: serviceNowMs() } };
      positions.write(at);
    }
    await exact.put(entries, inDoubt?.fromMs);
    lines += records.length;
    kinesisRecords += entries.length;
    at = { run, position, finished: false };
    positions.write(at);
    after(lines, position);
    await pace.wait(records.length, () => interrupt.signal === undefined);
    await setImmediate();
  };
  const feed = (chunkRecords: number): ReturnType<typeof fileFeed> =>
    fileFeed({ files, format, chunkRecords, from: at.position, remedy: 'begin anew with --fresh' });

  if (at.finished) return { lines, kinesisRecords, at };
  if (at.inDoubt !== undefined) {
    // The very same records, because their marks follow from them.
    for await (const { records, position } of feed(at.inDoubt.records)) {
      await write(records, position);
      break;
    }
  }
  const chunkRecords = Math.max(1, Math.min(CHUNK_RECORDS, Math.ceil(rate * CHUNK_SECONDS)));
  for await (const { records, position } of feed(chunkRecords)) {
    if (interrupt.signal !== undefined) return { lines, kinesisRecords, at };
    await write(records, position);
  }
  at = { ...at, finished: true };
  positions.write(at);
  return { lines, kinesisRecords, at };
};
