import { setImmediate } from 'node:timers/promises';
import type { Put } from '../../shared/runtime/local/local-outputs.ts';
import type { OpenPipeline } from '../../shared/pipeline/open-pipeline.ts';
import { localRuntime, type LocalRuntime } from '../../shared/runtime/local/local-runtime.ts';
import { notes } from '../../shared/runtime/local/notes.ts';
import { streamExport, type StreamExport } from '../../shared/runtime/local/stream-export.ts';
import type { Chunk, Source } from '../../shared/source/source.ts';
import { withDatabaseErrors } from '../errors/output-error.ts';
import type { Interrupt } from './interrupt.ts';
import { transactionIn, type RunStorage } from './run-storage.ts';
import { beginOrGoOn, type Fingerprint } from './fingerprint.ts';

export interface PipelineRunOptions {
  readonly pipeline: OpenPipeline;
  readonly source: Source;
  readonly storage: RunStorage;
  readonly shards: number;
  /** What to do about a folder that was begun with other arguments, apart from giving the same ones. */
  readonly remedy: string;
  /** Called with everything that is put into a stream. */
  readonly observePut?: Put;
}

/**
 * A pipeline at work: it takes records in cycles, and a cycle is kept as a whole or not at all.
 *
 * Its clock is its input: it shows the newest arrival, and moves on by itself only after the end of input, to when the next
 * retry is due. So neither the clock nor the speed of a machine decides a result.
 */
export interface PipelineRun {
  readonly runtime: LocalRuntime;
  readonly exported: StreamExport;
  /** What the last cycle noted; undefined before the first. */
  readonly position: unknown;
  /** Whether {@link finish} has been done, maybe by an earlier process. */
  readonly finished: boolean;
  /** Says that the results of the finished run are where they belong; see {@link wasPublished}. */
  notePublished(): Promise<void>;
  /** Takes records in and lets everything that follows from them happen. */
  cycle(records: readonly string[], position: unknown): Promise<void>;
  /** Signals the end of input: closes every open window and delivers again what is held, until nothing is left to do. */
  finish(): Promise<void>;
}

/** To be changed when a folder of an older Millrace cannot be gone on with. */
const FORM = '3';
const POSITION = 'run position';
const CLOCK = 'run clock';
const FINISHED = 'run finished';
const PUBLISHED = 'run published';

/** Whether a storage holds a run that is over in every respect, so that nothing in it is left to go on with. */
export const wasPublished = ({ storage, folder, option }: RunStorage): Promise<boolean> =>
  withDatabaseErrors(folder, option, () => notes(storage.database).get(PUBLISHED) === true);

/** Opens a run in its storage, where it goes on if it was begun there. Throws where it was begun with other arguments. */
export const openPipelineRun = async (options: PipelineRunOptions): Promise<PipelineRun> => {
  const { pipeline, storage: place, shards, remedy } = options;
  const { topology, entry, reference } = pipeline;
  const fingerprint: Fingerprint = {
    'form of the folder': FORM,
    ...options.source.fingerprint,
    '--shards': String(shards),
  };
  const { storage } = place;
  const { database } = storage;

  const transaction = <Result>(work: () => Promise<Result>): Promise<Result> => transactionIn(place, work);

  let clockMs: number | undefined;
  let position: unknown;
  let finished = false;

  const { runtime, gathered } = await transaction(async () => {
    const noted = notes(database);
    beginOrGoOn(noted, place.folder, fingerprint, remedy);
    const noteMs = noted.get(CLOCK);
    if (typeof noteMs === 'number') clockMs = noteMs;
    position = noted.get(POSITION);
    finished = noted.get(FINISHED) === true;
    const gathered = streamExport(database, topology, noted);
    const observePut: Put = (...put) => {
      gathered.take(...put);
      options.observePut?.(...put);
    };
    const nowMs = (): number => clockMs ?? 0;
    const runtime = localRuntime({ topology, storage, nowMs, reference, shards, observePut });
    return Promise.resolve({ runtime, gathered });
  });

  const save = (): void => {
    gathered.save();
    runtime.checkpoint();
    runtime.trim();
  };

  return {
    runtime,
    exported: gathered,
    get position() {
      return position;
    },
    get finished() {
      return finished;
    },
    notePublished: () =>
      transaction(() => {
        runtime.notes.set(PUBLISHED, true);
        return Promise.resolve();
      }),
    cycle: async (records, after) => {
      await transaction(async () => {
        clockMs = pipeline.arrivalMs(records, clockMs);
        for (const [partitionKey, payloads] of byPartitionKey(records, pipeline)) {
          runtime.produce(entry.name, partitionKey, payloads);
        }
        runtime.notes.set(POSITION, after);
        if (clockMs !== undefined) runtime.notes.set(CLOCK, clockMs);
        await runtime.drain();
        save();
      });
      position = after;
    },
    finish: async () => {
      for (;;) {
        finished = await transaction(async () => {
          await runtime.flush();
          const dueMs = await runtime.drain();
          if (dueMs === undefined) runtime.notes.set(FINISHED, true);
          else {
            clockMs = Math.max(dueMs, (clockMs ?? 0) + 1);
            runtime.notes.set(CLOCK, clockMs);
          }
          save();
          return dueMs === undefined;
        });
        if (finished) return;
        // Retries never wait for the system, so without this no signal would come through.
        await setImmediate();
      }
    },
  };
};

/** Records by partition key, in the order in which each is first met; within it in their own order. */
const byPartitionKey = (records: readonly string[], pipeline: OpenPipeline): ReadonlyMap<string, readonly string[]> => {
  const groups = new Map<string, string[]>();
  for (const record of records) {
    const partitionKey = pipeline.partitionKeyOf(record);
    const group = groups.get(partitionKey);
    if (group === undefined) groups.set(partitionKey, [record]);
    else group.push(record);
  }
  return groups;
};

/**
 * Gives a run one chunk after the other, a cycle each, until the feed ends or the user wants an end; `after` is called after
 * each cycle with the records of this process so far.
 */
export const feedRun = async (
  run: PipelineRun,
  feed: ReturnType<Source['open']>,
  interrupt: Interrupt,
  after: (records: number, chunk: Chunk) => void | Promise<void>,
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
