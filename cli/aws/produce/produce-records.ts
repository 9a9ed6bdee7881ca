import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { DescribeStreamSummaryCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import type { Chunk, Source } from '../../../shared/source/source.ts';
import { withOutputErrors } from '../../errors/output-error.ts';
import { openProgress } from '../../report/progress.ts';
import { damageText } from '../../report/run-report.ts';
import { print, say } from '../../report/terminal.ts';
import { listenForInterrupt, type Interrupt } from '../../run/interrupt.ts';
import { rateLimiter } from '../../run/rate-limiter.ts';
import { grouped, spanText } from '../../text/numbers.ts';
import { called } from '../calls.ts';
import { openTarget, type PipelineChoice } from '../deployment.ts';
import { type ExactPut, exactPut } from './exact-put.ts';
import { markedEntries } from './marked-aggregate.ts';
import { openPositionFile, type PositionFile, type ProducerPosition } from './position-file.ts';
import { watchClient } from './watched-client.ts';

export interface ProduceOptions extends PipelineChoice {
  readonly source: Source;
  /** As the topology calls it. */
  readonly stream: string;
  readonly partitionKeyOf: (record: string) => string;
  /** Folder of the positions. */
  readonly state: string;
  /** Records per second; `Infinity` is as fast as it goes. */
  readonly rate: number;
  readonly fresh: boolean;
}

/** How long a call whose answer was lost may go on writing. On this machine it is over with the connection. */
const SETTLE_MS = { aws: 10_000, local: 1_000 } as const;
const KEY_CHARS = 16;

/** Writes the records of a source into a stream of a deployment. Returns the exit code. */
export const produceRecords = async (options: ProduceOptions): Promise<number> => {
  const { pipeline, target, stage, state, source, stream } = options;
  const { clients, deployment } = await openTarget({ topology: pipeline.name, target, stage });
  const streamName = deployment.named('Stream', stream);
  const client = clients.kinesis();
  const watched = watchClient(client);
  const about = {
    '--target': target,
    stack: deployment.stack,
    stream: await streamIdentity(client, streamName),
    ...source.fingerprint,
  };
  using interrupt = listenForInterrupt();
  const folder = join(state, createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, KEY_CHARS));
  return await withOutputErrors(state, '--state', async () => {
    using positions = openPositionFile(folder, about);
    if (options.fresh || !source.canResume) positions.clear();
    const before = positions.read();
    const recordsBefore = grouped(source.totals(before?.position).records);
    if (before?.finished === true) {
      say(
        `all ${recordsBefore} lines are in ${streamName} already, according to ${positions.path}; --fresh writes them again`,
      );
      return 0;
    }
    if (before !== undefined) say(`goes on after line ${recordsBefore}, from ${positions.path}`);

    const startedMs = Date.now();
    const produce = async (): Promise<Produced> => {
      using progress = openProgress({ total: source.total, done: source.doneAt(before?.position), nowMs: Date.now });
      return await produceAll(options, {
        exact: exactPut({ client, watched, streamName, settleMs: SETTLE_MS[target], interrupt }),
        positions,
        serviceNowMs: () => watched.nowMs(),
        interrupt,
        after: (count, done) => {
          progress.update(count, done);
        },
      });
    };
    const { written, kinesisRecords, at } = await produce();
    const { records, damaged } = source.totals(at.position);
    if (!at.finished) {
      say(`stopped after line ${grouped(records)}; the same command goes on from there`);
      return interrupt.exitCode;
    }
    const spentMs = Date.now() - startedMs;
    print(
      `${stream}: ${grouped(records)} lines of ${source.title} are in ${streamName}; ` +
        `${written === records ? '' : `${grouped(written)} of them now, `}in ${grouped(kinesisRecords)} Kinesis records and ${spanText(spentMs)} ` +
        `(${grouped((written / Math.max(1, spentMs)) * 1000)}/s)\n`,
    );
    for (const damage of damaged) say(damageText(damage));
    return damaged.length === 0 ? 0 : 1;
  });
};

/** What writing needs of the deployment. */
interface Writing {
  readonly exact: ExactPut;
  readonly positions: PositionFile;
  /** Milliseconds since 1970, by the clock of the service. */
  readonly serviceNowMs: () => number;
  readonly interrupt: Interrupt;
  readonly after: (written: number, done: number) => void;
}

/** What this process has done, and how far the whole has come. */
interface Produced {
  readonly written: number;
  readonly kinesisRecords: number;
  readonly at: ProducerPosition;
}

const CHUNK_RECORDS = 10_000;
/** With a rate, chunks are what goes out in this time, so that records flow evenly. */
const CHUNK_SECONDS = 0.25;

/**
 * Writes a source into a stream, chunk by chunk, and notes before each chunk what it is about to write and after it that it is
 * written. What was in doubt when an earlier process ended is looked up in the stream first.
 */
const produceAll = async ({ source, partitionKeyOf, rate }: ProduceOptions, writing: Writing): Promise<Produced> => {
  const { exact, positions, serviceNowMs, interrupt, after } = writing;
  let at: ProducerPosition = positions.read() ?? { run: randomBytes(16).toString('base64url'), finished: false };
  const { run } = at;
  const pace = rateLimiter(rate, Date.now);
  let written = 0;
  let kinesisRecords = 0;

  const write = async ({ records, position, done }: Chunk): Promise<void> => {
    const groups = Map.groupBy(records, partitionKeyOf);
    const entries = markedEntries(groups, { run, record: source.totals(at.position).records });
    const { inDoubt } = at;
    if (inDoubt === undefined && entries.length > 0) {
      at = { ...at, inDoubt: { records: records.length, fromMs: serviceNowMs() } };
      positions.write(at);
    }
    await exact.put(entries, inDoubt?.fromMs);
    written += records.length;
    kinesisRecords += entries.length;
    at = { run, position, finished: false };
    positions.write(at);
    after(written, done);
    await pace.wait(records.length, () => interrupt.signal === undefined);
    await setImmediate();
  };
  const chunks = (chunkRecords: number): ReturnType<Source['open']> =>
    source.open(at.position, { chunkRecords, remedy: 'begin anew with --fresh' });

  if (at.inDoubt !== undefined) {
    // The very same records, because their marks follow from them.
    for await (const chunk of chunks(at.inDoubt.records)) {
      await write(chunk);
      break;
    }
  }
  for await (const chunk of chunks(Math.max(1, Math.min(CHUNK_RECORDS, Math.ceil(rate * CHUNK_SECONDS))))) {
    if (interrupt.signal !== undefined) return { written, kinesisRecords, at };
    await write(chunk);
  }
  at = { ...at, finished: true };
  positions.write(at);
  return { written, kinesisRecords, at };
};

/** A stream that was deleted and made again under its name is another one, and holds nothing of what was written. */
const streamIdentity = async (client: KinesisClient, streamName: string): Promise<string> => {
  const { StreamDescriptionSummary: summary } = await called(`looking at ${streamName}`, (abortSignal) =>
    client.send(new DescribeStreamSummaryCommand({ StreamName: streamName }), { abortSignal }),
  );
  return `${summary?.StreamARN ?? streamName} of ${summary?.StreamCreationTimestamp?.toISOString() ?? 'unknown'}`;
};
