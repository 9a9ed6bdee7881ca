import { setImmediate, setTimeout } from 'node:timers/promises';
import { localRuntime, type LocalRuntime } from '../../shared/runtime/local/local-runtime.ts';
import { notes } from '../../shared/runtime/local/notes.ts';
import { streamExport, type StreamExport } from '../../shared/runtime/local/stream-export.ts';
import type { OpenPipeline } from '../../shared/pipeline/open-pipeline.ts';
import type { Intake, TakenAt } from '../../shared/source/http/http-source.ts';
import type { HttpRecord } from '../../shared/source/http/read-records.ts';
import { beginOrGoOn, type Fingerprint } from './fingerprint.ts';
import { transactionIn, type RunStorage } from './run-storage.ts';

export interface ServedRunOptions {
  readonly pipeline: OpenPipeline;
  readonly storage: RunStorage;
  readonly shards: number;
  /** What results follow from, apart from the records. */
  readonly fingerprint: Fingerprint;
  /** Whether what goes through the streams is kept, for results. */
  readonly exported: boolean;
}

/**
 * A pipeline at work on records that come while it runs. Its clock is that of the machine, so windows of idle partition keys
 * close by it, as they do where it is deployed.
 */
export interface ServedRun {
  readonly runtime: LocalRuntime;
  /** Holds nothing unless the run is exported. */
  readonly exported: StreamExport;
  readonly intake: Intake;
  /** Works until {@link ServedRun.end} is called and all that was taken is processed. Rejects where storage or an engine fails. */
  work(): Promise<void>;
  end(): void;
  /** Signals the end of input, so that every open window closes. */
  flush(): Promise<void>;
}

/** To be changed when a folder of an older Millrace cannot be gone on with. */
const FORM = 'serve 1';
/** As often as the schedule of a deployment. */
const SWEEP_MS = 60_000;
/** Idle windows of seconds should not wait for a minute here. */
const MIN_SWEEP_MS = 1_000;
const REMEDY = 'name another --data folder';

interface Request {
  readonly stream: string;
  readonly records: readonly HttpRecord[];
  readonly resolve: (places: readonly TakenAt[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Opens a run in its storage, where it goes on if it was begun there. Rejects where it was begun with other arguments. */
export const openServedRun = async (options: ServedRunOptions): Promise<ServedRun> => {
  const { pipeline, storage: place, shards, exported } = options;
  const { topology, reference } = pipeline;
  const { database } = place.storage;
  const fingerprint = { 'form of the folder': FORM, '--shards': String(shards), ...options.fingerprint };
  const transaction = <Result>(work: () => Promise<Result>): Promise<Result> => transactionIn(place, work);

  const { runtime, gathered } = await transaction(() => {
    const noted = notes(database);
    beginOrGoOn(noted, place.folder, fingerprint, REMEDY);
    const gathered = streamExport(database, topology, noted);
    const opened = localRuntime({
      topology,
      storage: place.storage,
      nowMs: Date.now,
      reference,
      shards,
      ...(exported && {
        observePut: (...put) => {
          gathered.take(...put);
        },
      }),
    });
    return Promise.resolve({ runtime: opened, gathered });
  });

  let pending: Request[] = [];
  let waitingRecords = maxLag(runtime);
  let isEnding = false;
  let failure: { readonly cause: unknown } | undefined;
  let wake = new AbortController();

  const save = (): void => {
    gathered.save();
    runtime.checkpoint();
    runtime.trim();
  };

  /** All requests of the moment are one transaction, and are answered after it. */
  const takePending = async (): Promise<void> => {
    const taken = pending;
    pending = [];
    try {
      const places = await transaction(() => {
        const put = taken.map(({ stream, records }) =>
          // One by one, so that each has a place of its own.
          records.flatMap(({ partitionKey, payload }) => runtime.produce(stream, partitionKey, [payload])),
        );
        save();
        return Promise.resolve(put);
      });
      for (const [index, { resolve }] of taken.entries()) resolve(places[index] ?? []);
    } catch (error) {
      for (const { reject } of taken) reject(error);
      throw error;
    }
  };

  let sweptMs = Date.now();
  const sweepMs = Math.min(
    SWEEP_MS,
    ...topology.processors.map(({ keyed }) => Math.max(MIN_SWEEP_MS, keyed?.timers?.idleAfterMs ?? SWEEP_MS)),
  );
  /** Returns when there is something to do next. */
  const process = (): Promise<number> =>
    transaction(async () => {
      let dueMs = await runtime.drain();
      if (Date.now() >= sweptMs + sweepMs) {
        sweptMs = Date.now();
        if ((await runtime.sweep()) > 0) dueMs = await runtime.drain();
      }
      save();
      return Math.min(dueMs ?? Infinity, sweptMs + sweepMs);
    });

  const isWaiting = (): boolean => pending.length > 0;
  const loop = async (): Promise<void> => {
    for (;;) {
      wake = new AbortController();
      if (isWaiting()) await takePending();
      // Processing never waits for the system, so without this no answer would leave and no request come in.
      await setImmediate();
      const dueMs = await process();
      waitingRecords = maxLag(runtime);
      await setImmediate();
      if (isWaiting()) continue;
      if (isEnding) return;
      const waitMs = Math.max(1, Math.min(dueMs - Date.now(), sweepMs));
      await setTimeout(waitMs, undefined, { signal: wake.signal }).catch(() => undefined);
    }
  };

  return {
    runtime,
    exported: gathered,
    intake: {
      waiting: () => waitingRecords,
      take: (stream, records) =>
        new Promise((resolve, reject) => {
          if (failure !== undefined) {
            reject(new Error('the run has failed', { cause: failure.cause }));
            return;
          }
          waitingRecords += records.length;
          pending.push({ stream, records, resolve, reject });
          wake.abort();
        }),
    },
    work: async () => {
      try {
        await loop();
      } catch (cause) {
        failure = { cause };
        for (const { reject } of pending) reject(cause);
        throw cause;
      }
    },
    end: () => {
      isEnding = true;
      wake.abort();
    },
    flush: () =>
      transaction(async () => {
        await runtime.flush();
        await runtime.drain();
        save();
      }),
  };
};

/** Records that the slowest processor has not taken: what one stream holds is not counted once a reader. */
const maxLag = (runtime: LocalRuntime): number => Math.max(0, ...runtime.lag().values());
