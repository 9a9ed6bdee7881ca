import type { Keyed, Processor } from '../processor/processor.ts';
import type { StateAddress, StateStore, StoredItem } from '../state/state-store.ts';
import { stepFault, type Event } from './event.ts';
import { KeyWork, warmItem } from './key-work.ts';
import { moveProgress, readProgress } from './lane-progress.ts';
import type { LaneWork } from './lane-work.ts';
import { checkStateKey, tooLarge } from './state-limits.ts';
import { WarmCache } from './warm-cache.ts';

const WARM_ITEMS = 20_000;

/** How many state keys are remembered to notice that one is brought by two partition keys. */
const REMEMBERED_OWNERS = 100_000;

/** Partition key of the items that several partition keys may change. */
const SHARED = '*';

/** State of one processor, between the store and the works of a batch. */
export class KeyedState {
  readonly collection: string;
  readonly #keyed: Keyed;
  readonly #store: StateStore;
  readonly #nowMs: () => number;
  /** Whether it can be told that somebody else has worked on a lane: only then may its items be kept. */
  readonly #isFenced: boolean;
  readonly #cache = new WarmCache(WARM_ITEMS);
  readonly #owners = new Map<string, string>();

  constructor(processor: Processor, keyed: Keyed, store: StateStore, nowMs: () => number) {
    this.collection = keyed.as?.name ?? processor.id;
    this.#keyed = keyed;
    this.#store = store;
    this.#nowMs = nowMs;
    this.#isFenced = keyed.timers !== undefined;
  }

  /**
   * Reads how far event time has come in the lanes, strictly before their items are read: progress that is newer than the
   * items would call records late that are applied already.
   *
   * A lane that was quiet is marked active first, so that the sweep leaves it alone while this batch is under way: an
   * outcome must not change between being emitted and being committed.
   */
  async readProgress(lanes: readonly LaneWork[]): Promise<void> {
    const { timers } = this.#keyed;
    if (timers === undefined || lanes.length === 0) return;
    await readProgress(this.#store, this.collection, lanes);
    await moveProgress(
      {
        store: this.#store,
        collection: this.collection,
        next: (_lane, progress) => {
          const nowMs = this.#nowMs();
          return progress.activeAtMs < nowMs - timers.idleAfterMs / 2 ? { ...progress, activeAtMs: nowMs } : undefined;
        },
        refused: (lane) => {
          lane.abandon('it could not be marked active: the state store throttles');
        },
      },
      lanes,
    );
    for (const lane of lanes) this.#cache.expect(lane.partitionKey, lane.progress?.version ?? 0);
  }

  /** Finds the state key of every event, and loads the items of all keys of the batch at once. */
  async loadKeys(lanes: readonly LaneWork[]): Promise<void> {
    const works = new Map<string, KeyWork>();
    for (const lane of lanes) {
      for (const event of lane.events) this.#assignKey(lane, event, works);
    }
    const all = lanes.flatMap((lane) => [...lane.works.values()]);
    await this.#load([...new Set(all)]);
  }

  /** Adds the keys of the lanes whose timers are due and that the batch has not touched. */
  async loadDue(due: readonly { readonly lane: LaneWork; readonly dueMs: number }[]): Promise<void> {
    if (due.length === 0) return;
    const lanes = new Map(due.map(({ lane }) => [lane.partitionKey, lane]));
    const asked = due.map(({ lane: { partitionKey }, dueMs }) => ({ partitionKey, dueMs }));
    for (const item of await this.#store.due(this.collection, asked)) {
      const lane = lanes.get(item.partitionKey);
      if (lane === undefined || lane.works.has(item.key)) continue;
      const work = new KeyWork(this.#address(item.partitionKey, item.key));
      work.begin(this.#warm(work.address, item));
      lane.works.set(item.key, work);
    }
  }

  /** Reads the items of these works anew, after another writer was faster. */
  async reload(works: readonly KeyWork[]): Promise<void> {
    for (const { address } of works) this.#cache.forget(address.partitionKey);
    await this.#load(works);
  }

  /** Writes what changed, each key under the condition that nobody else has. Returns the works that must be folded again. */
  async commit(lanes: readonly LaneWork[], works: readonly KeyWork[]): Promise<readonly KeyWork[]> {
    const changed = works.filter((work) => work.changed);
    if (changed.length === 0) return [];
    const writes = changed.map((work) => work.write());
    const outcomes = await this.#store.write(writes);
    const conflicts: KeyWork[] = [];
    for (const [index, work] of changed.entries()) {
      const outcome = outcomes[index];
      if (outcome === 'conflict') conflicts.push(work);
      else if (outcome === 'written') {
        work.begin(work.stored(true));
        work.isWritten = true;
      } else if (outcome === 'too-large') this.giveUp(lanes, work, tooLarge(writes[index]));
      else this.giveUp(lanes, work, `the state store throttles key '${work.address.key}'`);
    }
    return conflicts;
  }

  giveUp(lanes: readonly LaneWork[], work: KeyWork, because: string): void {
    for (const lane of lanes) {
      if (lane.works.get(work.address.key) !== work) continue;
      lane.holdKey(work, because);
      // Event time of the lane is not written now, so all that moves it must come again.
      if (this.#keyed.timers !== undefined) lane.redeliver(because);
    }
  }

  /**
   * Stores how far event time has come, behind everything that depends on it. It is written at the end of every batch, also
   * where event time stands still: what other environments keep warm of the lane is old from here on.
   */
  async advance(lanes: readonly LaneWork[]): Promise<void> {
    if (this.#keyed.timers === undefined) return;
    await moveProgress(
      {
        store: this.#store,
        collection: this.collection,
        next: (lane, progress) => ({
          ...progress,
          watermarkMs: Math.max(lane.watermarkMs, progress.watermarkMs),
          activeAtMs: this.#nowMs(),
        }),
        overtaken: (lane) => {
          lane.contested = true;
        },
        refused: (lane) => {
          lane.redeliver('its watermark could not be written: the state store throttles');
        },
      },
      lanes.filter(({ incomplete }) => !incomplete),
    );
  }

  /** Keeps the items of a lane warm for its next batch; or forgets them, where not all was written or others came between. */
  keepWarm(lane: LaneWork): void {
    if (!this.#isFenced) return;
    if (lane.incomplete || lane.contested) this.#cache.forget(lane.partitionKey);
    else
      this.#cache.keep(
        lane.partitionKey,
        lane.progress?.version ?? 0,
        [...lane.works.values()].map((work) => work.stored(false)),
      );
  }

  #assignKey(lane: LaneWork, event: Event, works: Map<string, KeyWork>): void {
    if (event.fault !== undefined) return;
    try {
      const key = this.#keyed.key(event.value);
      let work = lane.works.get(key);
      if (work === undefined) {
        const address = this.#address(lane.partitionKey, this.#checkKey(key, lane.partitionKey));
        work = (this.#keyed.fanIn ? works.get(key) : undefined) ?? new KeyWork(address);
        lane.works.set(key, work);
        works.set(key, work);
      }
      event.work = work;
    } catch (thrown) {
      event.fault = stepFault(thrown);
    }
  }

  #checkKey(key: string, partitionKey: string): string {
    checkStateKey(key);
    if (this.#keyed.fanIn) return key;
    const owner = this.#owners.get(key);
    if (owner === undefined) {
      if (this.#owners.size >= REMEMBERED_OWNERS) this.#owners.clear();
      this.#owners.set(key, partitionKey);
    } else if (owner !== partitionKey) {
      throw new RangeError(
        `state key '${key}' is brought by two partition keys, '${owner}' and '${partitionKey}', so its records have no common order: ` +
          'refine the partition key, or say fanIn',
      );
    }
    return key;
  }

  #address(partitionKey: string, key: string): StateAddress {
    return { collection: this.collection, partitionKey: this.#keyed.fanIn ? SHARED : partitionKey, key };
  }

  async #load(works: readonly KeyWork[]): Promise<void> {
    const missing: KeyWork[] = [];
    for (const work of works) {
      const warm = this.#isFenced ? this.#cache.get(work.address.partitionKey, work.address.key) : undefined;
      if (warm === undefined) missing.push(work);
      else work.begin(warm);
    }
    if (missing.length === 0) return;
    const stored = await this.#store.load(missing.map(({ address }) => address));
    for (const [index, work] of missing.entries()) work.begin(this.#warm(work.address, stored[index]));
  }

  #warm(address: StateAddress, stored: StoredItem | undefined): ReturnType<typeof warmItem> {
    return warmItem(address, stored, () => this.#keyed.initial());
  }
}
