import type { Processor } from '../processor/processor.ts';
import type { StateStore } from '../state/state-store.ts';
import { advanceOf, type Partition } from './batch.ts';
import { moveProgress } from './progress.ts';

/*
 * Event time across a change of partition key.
 *
 * Within one partition key, records keep their order, so the newest event time seen is how far event time has come. Once
 * records leave under other keys, that no longer holds: a batch emits key by key, and shards advance at their own pace, so a
 * reader sees times that go up and down by whatever a batch spans, and would call most of them late.
 *
 * So a processor that changes keys keeps, per shard of its input, how far event time had come through the last batch, and every
 * record it emits carries the lowest of these over the shards that are not idle: a promise that holds for all it will emit. The
 * reader's watermark is the highest promise it was given. A shard that never finished a batch promises nothing yet.
 */

/** After how long without a batch a shard no longer holds event time back, on the clock. */
const SHARD_IDLE_MS = 15 * 60_000;

/** The shards of which progress is kept: an item, because a store cannot list progress. */
const REGISTRY = { partitionKey: '*', key: 'shards' } as const;

const UNKNOWN_SHARD = 'unknown';

/** What the records of one batch may promise. */
export interface ShardPromise {
  readonly promiseMs: number;
  readonly isRekeying: boolean;
}

/** Event time per input shard of one processor. */
export class ShardWatermarks {
  readonly #store: StateStore;
  readonly #collection: string;
  readonly #nowMs: () => number;
  readonly #aheadMs: number;
  readonly #graceMs: number;
  readonly #hasStreams: boolean;
  /** Whether keys are changed; undefined before it was looked up. */
  #isRekeying: boolean | undefined;

  constructor({ id, to, keyed }: Processor, store: StateStore, nowMs: () => number) {
    this.#store = store;
    this.#collection = shardCollection(id);
    this.#nowMs = nowMs;
    this.#aheadMs = keyed?.timers?.aheadToleranceMs ?? SHARD_AHEAD_MS;
    this.#graceMs = keyed?.timers?.graceMs ?? 0;
    this.#hasStreams = Object.values(to).some(({ kind }) => kind === 'stream');
  }

  /** Reads what a batch of this shard may promise. */
  async promise(shard: string | undefined): Promise<ShardPromise> {
    if (!this.#hasStreams) return NO_PROMISE;
    const shards = await this.#registered();
    this.#isRekeying = shards.length > 0;
    if (!shards.includes(shard ?? UNKNOWN_SHARD)) return { ...NO_PROMISE, isRekeying: this.#isRekeying };
    const idleSinceMs = this.#nowMs() - SHARD_IDLE_MS;
    let promiseMs = Infinity;
    for (const { partitionKey, watermarkMs, activeAtMs } of await this.#store.progress(this.#collection, shards)) {
      if (activeAtMs >= idleSinceMs || partitionKey === (shard ?? UNKNOWN_SHARD))
        promiseMs = Math.min(promiseMs, watermarkMs);
    }
    return { promiseMs: Number.isFinite(promiseMs) ? promiseMs - this.#graceMs : -Infinity, isRekeying: true };
  }

  /**
   * Stores how far event time has come in the shard: through the records before the first one that is held. Called at the end of
   * a batch; does nothing for a processor that never changes keys. It may fail: the promise is then an older one.
   */
  async advance(
    shard: string | undefined,
    partitions: readonly Partition[],
    heldIndex: number,
    rekeyed: boolean,
  ): Promise<void> {
    if (!rekeyed && this.#isRekeying !== true) return;
    this.#isRekeying = true;
    let reachedMs = -Infinity;
    for (const { events } of partitions) {
      for (const event of events) {
        if (event.index >= heldIndex || event.fault?.reason === 'undecodable') continue;
        reachedMs = Math.max(reachedMs, advanceOf(event, this.#aheadMs));
      }
    }
    const name = shard ?? UNKNOWN_SHARD;
    await this.#register(name);
    const read = await this.#store.progress(this.#collection, [name]);
    await moveProgress(this.#store, read, (progress) => ({
      ...progress,
      watermarkMs: Math.max(progress.watermarkMs, reachedMs),
      activeAtMs: this.#nowMs(),
    }));
  }

  async #registered(): Promise<readonly string[]> {
    const [item] = await this.#store.load([{ collection: this.#collection, ...REGISTRY }]);
    const parsed: unknown = item?.state === undefined ? [] : JSON.parse(item.state);
    return Array.isArray(parsed) ? parsed.filter((one) => typeof one === 'string') : [];
  }

  async #register(shard: string): Promise<void> {
    const address = { collection: this.#collection, ...REGISTRY };
    for (let attempt = 0; attempt < MAX_REGISTRATIONS; attempt += 1) {
      const shards = await this.#registered();
      if (shards.includes(shard)) return;
      const [item] = await this.#store.load([address]);
      const [outcome] = await this.#store.write([
        {
          ...address,
          expected: item?.version ?? 0,
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

const NO_PROMISE: ShardPromise = { promiseMs: -Infinity, isRekeying: false };

const MAX_REGISTRATIONS = 5;

/** How far ahead of its arrival a record may be and still count, in a processor that has no tolerance of its own. */
const SHARD_AHEAD_MS = 60_000;

/** Where a processor keeps event time by shard: beside its state, under a name that no processor and no table can have. */
export const shardCollection = (processor: string): string => `${processor}:shards`;
