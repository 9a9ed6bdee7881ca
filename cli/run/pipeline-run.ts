import { setTimeout, setImmediate } from 'node:timers/promises';
import type { Put } from '../../shared/runtime/local/local-outputs.ts';
import { localRuntime, type LocalRuntime } from '../../shared/runtime/local/local-runtime.ts';
import { notes } from '../../shared/runtime/local/notes.ts';
import { spool, type Spool } from '../../shared/runtime/local/spool.ts';
import { withOutputErrors } from '../errors/output-error.ts';
import type { Interrupt } from './interrupt.ts';
import type { RunStorage } from './run-storage.ts';
import { checkFingerprint, type Fingerprint, type Pipeline, type Source, type Chunk } from './source.ts';

export interface PipelineRunOptions {
  readonly source: Source;
  readonly storage: RunStorage;
  readonly shards: number;
  /** What to do about a folder that was begun with other arguments, apart from giving the same ones. */
  readonly remedy: string;
  readonly nowMs: () => number;
  /** Is shown everything that is put into a stream. */
  readonly observePut?: Put;
}

/** A pipeline at work: it takes records in cycles, and a cycle is kept as a whole or not at all. */
export interface PipelineRun {
  readonly runtime: LocalRuntime;
  readonly spool: Spool;
  /** What the last cycle noted; undefined before the first. */
  readonly position: unknown;
  /** Whether {@link finish} has been done, maybe by an earlier process. */
  readonly finished: boolean;
  /** Says that the results of the finished run are where they belong; see {@link wasPublished}. */
  notePublished(): Promise<void>;
  /** Takes records in and lets everything that follows from them happen. */
  cycle(records: readonly string[], position: unknown): Promise<void>;
  /** Takes the end of input for what it is, and waits for what has to be delivered again. */
  finish(): Promise<void>;
}

/** To be changed when a folder of an older Millrace cannot be gone on with. */
const FORM = '1';
const FINGERPRINT = 'run arguments';
const POSITION = 'run position';
const FINISHED = 'run finished';
const PUBLISHED = 'run published';

/** Whether a storage holds a run that is over in every respect, so that there is nothing in it to go on with. */
export const wasPublished = ({ storage }: RunStorage): boolean => notes(storage.database).get(PUBLISHED) === true;

/** Opens a run in its storage, where it goes on if it was begun there. Throws where it was begun with other arguments. */
export const openPipelineRun = async (options: PipelineRunOptions): Promise<PipelineRun> => {
  const { storage: place, shards, remedy, nowMs } = options;
  const { pipeline } = options.source;
  const { topology, source, reference } = pipeline;
  const fingerprint: Fingerprint = {
    'form of the folder': FORM,
    ...options.source.fingerprint,
    '--shards': String(shards),
  };
  const { storage } = place;
  const { database } = storage;

  const transaction = <Result>(work: () => Promise<Result>): Promise<Result> =>
    withOutputErrors(place.folder, place.option, () => storage.transaction(work));

  const { runtime, gathered } = await transaction(async () => {
    const noted = notes(database);
    const begunWith = noted.get(FINGERPRINT);
    if (begunWith === undefined) noted.set(FINGERPRINT, fingerprint);
    else checkFingerprint(place.folder, begunWith, fingerprint, remedy);
    const gathered = spool(database, topology, noted);
    const observePut: Put = (...put) => {
      gathered.take(...put);
      options.observePut?.(...put);
    };
    const runtime = localRuntime({ topology, storage, nowMs, reference, shards, observePut });
    return Promise.resolve({ runtime, gathered });
  });

  const forget = (): void => {
    if (!storage.durable) runtime.trim();
  };

  return {
    runtime,
    spool: gathered,
    get position() {
      return runtime.notes.get(POSITION);
    },
    get finished() {
      return runtime.notes.get(FINISHED) === true;
    },
    notePublished: () =>
      transaction(() => {
        runtime.notes.set(PUBLISHED, true);
        return Promise.resolve();
      }),
    cycle: async (records, position) => {
      await transaction(async () => {
        for (const [partitionKey, payloads] of byPartitionKey(records, pipeline)) {
          runtime.produce(source, partitionKey, payloads);
        }
        runtime.notes.set(POSITION, position);
        await runtime.drain();
        gathered.save();
        runtime.checkpoint();
      });
      forget();
    },
    finish: async () => {
      for (;;) {
        const dueMs = await transaction(async () => {
          await runtime.flush();
          const due = await runtime.drain();
          gathered.save();
          if (due === undefined) runtime.notes.set(FINISHED, true);
          runtime.checkpoint();
          return due;
        });
        forget();
        if (dueMs === undefined) return;
        await setTimeout(Math.max(1, dueMs - nowMs()));
      }
    },
  };
};

/** Records by partition key, in the order in which each is first met; within it in their own order. */
const byPartitionKey = (records: readonly string[], pipeline: Pipeline): ReadonlyMap<string, readonly string[]> => {
  const groups = new Map<string, string[]>();
  for (const record of records) {
    const partitionKey = pipeline.locate(record);
    const group = groups.get(partitionKey);
    if (group === undefined) groups.set(partitionKey, [record]);
    else group.push(record);
  }
  return groups;
};

/**
 * Gives a run one chunk after the other, a cycle each, until the feed ends or the user wants an end; `after` is called behind
 * each cycle with the records of this process so far.
 */
export const feedRun = async (
  run: PipelineRun,
  feed: AsyncIterable<Chunk<unknown>> | Iterable<Chunk<unknown>>,
  interrupt: Interrupt,
  after: (records: number, chunk: Chunk<unknown>) => void | Promise<void>,
): Promise<number> => {
  let records = 0;
  for await (const chunk of feed) {
    if (interrupt.signal !== undefined) break;
    await run.cycle(chunk.records, chunk.position);
    records += chunk.records.length;
    await after(records, chunk);
    // A cycle never waits for the system, so without this no signal would come through.
    await setImmediate();
  }
  return records;
};
