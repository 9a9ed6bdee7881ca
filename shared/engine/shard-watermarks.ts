import type { Processor } from '../processor/processor.ts';
import type { StateStore } from '../state/state-store.ts';
import type { PartitionRun } from './partition-run.ts';
import { moveProgress } from './progress.ts';

/*
 * Event time across a change of partition key.
 *
 * Within one partition key, records keep their order, so the newest event time seen is how far event time has come. Once
 * records leave under other keys, that no longer holds: a batch emits key by key, and shards advance at their own pace, so a
 * reader sees times that go up and down by whatever a batch spans, and would call most of them late.
 *
 * So a processor that changes keys keeps, per shard of its input and stream it writes, how far event time had come in what it emitted
 * through the last batch, and every record it emits carries the lowest of these over the shards that are not idle: a promise that
 * holds for all it will emit. It is event time of the output, which may differ from that of the input: raw lines often have none. The
 * reader's watermark is the highest promise it was given. A shard that never finished a batch promises nothing yet.
 */

/** After how long without a batch a shard no longer holds event time back, on the clock. */
const SHARD_IDLE_MS = 15 * 60_000;

/** The shards of which progress is kept: an item, because a store cannot list progress. */
const REGISTRY = { partitionKey: '*', key: 'shards' } as const;

const UNKNOWN_SHARD = 'unknown';

/** What the records of one batch may promise. */
export interface ShardPromise {
  /** By stream; a stream that is missing has no promise yet. */
  readonly promises: ReadonlyMap<string, number>;
  readonly isRekeying: boolean;
}

/** Event time per input shard of one processor. */
export class ShardWatermarks {
  readonly #store: StateStore;
  readonly #collection: string;
  readonly #nowMs: () => number;
  /** Names of the streams that the processor writes. */
  readonly #streams: readonly string[];
  /** Whether any environment has changed a key, as far as this one has seen. */
  #isRekeying = false;

  constructor({ id, to }: Processor, store: StateStore, nowMs: () => number) {
    this.#store = store;
    this.#collection = shardCollection(id);
    this.#nowMs = nowMs;
    this.#streams = Object.values(to).flatMap(({ kind, name }) => (kind === 'stream' ? [name] : []));
  }

  /** Reads what a batch of this shard may promise. */
  async promise(shard: string | undefined): Promise<ShardPromise> {
    if (this.#streams.length === 0) return NO_PROMISE;
    const { shards } = await this.#registry();
    this.#isRekeying = shards.length > 0;
    if (!shards.includes(shard ?? UNKNOWN_SHARD)) return { ...NO_PROMISE, isRekeying: this.#isRekeying };
    const idleSinceMs = this.#nowMs() - SHARD_IDLE_MS;
    const keys = shards.flatMap((one) => this.#streams.map((stream) => progressKeyOf(one, stream)));
    const promises = new Map<string, number>();
    for (const { partitionKey, watermarkMs, activeAtMs } of await this.#store.progress(this.#collection, keys)) {
      const [of = '', stream = ''] = partitionKey.split(' ');
      if (activeAtMs < idleSinceMs && of !== (shard ?? UNKNOWN_SHARD)) continue;
      promises.set(stream, Math.min(promises.get(stream) ?? Infinity, watermarkMs));
    }
    for (const [stream, promiseMs] of promises) if (!Number.isFinite(promiseMs)) promises.delete(stream);
    return { promises, isRekeying: true };
  }

  /**
   * Stores how far event time has come in the shard: through the records before the first one that is held. Called at the end of
   * a batch; does nothing for a processor that never changes keys. It may fail: the promise is then an older one.
   */
  async advance(shard: string | undefined, runs: readonly PartitionRun[], heldIndex: number): Promise<void> {
    if (!this.#isRekeying && !runs.some(({ isRekeyed }) => isRekeyed)) return;
    this.#isRekeying = true;
    const name = shard ?? UNKNOWN_SHARD;
    await this.#register(name);
    const reached = new Map(
      this.#streams.map((stream) => [progressKeyOf(name, stream), newestOf(stream, runs, heldIndex)]),
    );
    const read = await this.#store.progress(this.#collection, [...reached.keys()]);
    await moveProgress(this.#store, read, (progress) => ({
      ...progress,
      watermarkMs: Math.max(progress.watermarkMs, reached.get(progress.partitionKey) ?? -Infinity),
      activeAtMs: this.#nowMs(),
    }));
  }

  async #registry(): Promise<{ readonly shards: readonly string[]; readonly version: number }> {
    const [item] = await this.#store.load([{ collection: this.#collection, ...REGISTRY }]);
    const parsed: unknown = item?.state === undefined ? [] : JSON.parse(item.state);
    const shards = Array.isArray(parsed) ? parsed.filter((one) => typeof one === 'string') : [];
    return { shards, version: item?.version ?? 0 };
  }

  async #register(shard: string): Promise<void> {
    for (let attempt = 0; attempt < MAX_REGISTRATIONS; attempt += 1) {
      const { shards, version } = await this.#registry();
      if (shards.includes(shard)) return;
      const [outcome] = await this.#store.write([
        {
          collection: this.#collection,
          ...REGISTRY,
          expected: version,
          state: JSON.stringify([...shards, shard].sort()),
          ledger: {},
          timerMs: undefined,
          writtenAtMs: this.#nowMs(),
        },
      ]);
      if (outcome !== 'conflict') return;
    }
  }
}

const NO_PROMISE: ShardPromise = { promises: new Map(), isRekeying: false };

/** Neither name has a space. */
const progressKeyOf = (shard: string, stream: string): string => `${shard} ${stream}`;

/** The newest event time in a stream of what came before the first record that is held. */
const newestOf = (stream: string, runs: readonly PartitionRun[], heldIndex: number): number => {
  let newestMs = -Infinity;
  for (const { reached, partition, held } of runs) {
    const { at = [], timesMs = [] } = reached.get(stream) ?? {};
    for (const [index, timeMs] of timesMs.entries()) {
      const event = partition.events[at[index] ?? -1];
      // What a timer emitted came with the whole partition.
      const isBefore = event === undefined ? held === undefined : event.index < heldIndex;
      if (isBefore) newestMs = Math.max(newestMs, timeMs);
    }
  }
  return newestMs;
};

const MAX_REGISTRATIONS = 5;

/** Where a processor keeps event time by shard: beside its state, under a name that no processor and no table can have. */
export const shardCollection = (processor: string): string => `${processor}:shards`;
