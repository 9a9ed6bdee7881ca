import type { Event, EventOutcome, Fault, Partition } from './batch.ts';
import type { PartitionEffects } from './fold.ts';
import type { Emitted } from './emit.ts';
import type { PartitionProgress } from '../state/state-store.ts';
import type { Item } from './item.ts';
import type { Items } from './keyed-state.ts';

/** How far a batch has come with one partition, over all rounds: outcomes, what is written, and from where it is held. */
export class PartitionRun {
  readonly partition: Partition;
  /** Items that the next fold is about. */
  items: Items;
  readonly #known: Map<string, Item>;
  /** Faults that were found after a fold, or by one that another writer made void, by place of the event. */
  readonly faults = new Map<number, Fault>();
  /** How far event time had come before the batch, as it was read last. */
  progress: PartitionProgress | undefined;
  emitted = 0;
  isRekeyed = false;
  /** How far event time has come in what was emitted, by stream, as the last whole fold found it. */
  reached: PartitionEffects['reached'] = new Map();
  /** Whether all it emitted and changed was written; only then may event time go on. */
  isComplete = true;
  /** Whether another writer has worked on the partition since the batch began. */
  isContested = false;
  /** Event time after the last event, as the last fold found it. */
  reachedMs = -Infinity;
  #outcomes: EventOutcome[] | undefined;
  /** Place of the event whose step asked to hold. */
  #stopsAt = Infinity;
  readonly #written = new Set<string>();
  #heldAt = Infinity;
  #heldBecause = '';
  #newFaults = false;

  constructor(partition: Partition, items: Map<string, Item>, progress: PartitionProgress | undefined) {
    this.partition = partition;
    this.items = items;
    this.#known = items;
    this.progress = progress;
  }

  get watermarkMs(): number {
    return this.progress?.watermarkMs ?? -Infinity;
  }

  get outcomes(): readonly EventOutcome[] {
    return this.#changeable();
  }

  /** The items of the partition as they are now; not of use where another writer has worked on it. */
  get known(): ReadonlyMap<string, Item> {
    return this.#known;
  }

  /** Place of the event from which on nothing is folded, because its step asked to hold; Infinity for none. */
  get stopsAt(): number {
    return this.#stopsAt;
  }

  /** Whether anything was written of it. */
  get isWritten(): boolean {
    return this.#written.size > 0;
  }

  /** Enters what a fold came to and what became of its outputs. Returns whether it may be committed. */
  enter(
    { outcomes, heldFrom, isRekeyed, watermarkMs, reached, buried }: PartitionEffects,
    { count, held, faults }: Emitted,
  ): boolean {
    this.emitted += count;
    this.isRekeyed ||= isRekeyed;
    this.#newFaults = held === undefined && faults.size > 0;
    for (const [at, fault] of faults) this.faults.set(at, fault);
    if (held !== undefined) {
      this.hold(held);
      return false;
    }
    if (this.#newFaults) return false;
    // Their dead letters are kept by now: if another writer wins, a later fold must not apply what a letter says was not.
    for (const [at, fault] of buried) this.faults.set(at, fault);
    if (this.#outcomes === undefined) {
      this.#outcomes = [...outcomes];
      this.reached = reached;
    } else {
      for (const [at, { key }] of this.partition.events.entries()) {
        if (key === undefined || this.items.has(key)) this.#outcomes[at] = outcomes[at] ?? 'held';
      }
    }
    this.reachedMs = Math.max(this.reachedMs, watermarkMs);
    if (heldFrom !== undefined) {
      this.#stopsAt = heldFrom.at;
      this.#holdAt(heldFrom.at, heldFrom.because);
    }
    return true;
  }

  /** Whether the last fold emitted something that can never be written, so that it must be folded without it. */
  get hasNewFaults(): boolean {
    return this.#newFaults;
  }

  /** Enters that a key is stored. */
  markWritten(item: Item): void {
    this.#written.add(item.key);
    this.#known.set(item.key, item);
  }

  /** Goes on with these keys only, which another writer has changed. */
  restart(items: Items, progress: PartitionProgress | undefined): void {
    this.items = items;
    this.progress = progress;
    this.isContested = true;
  }

  /** Holds the whole partition: nothing more of it will be written. */
  hold(because: string): void {
    this.isComplete = false;
    const outcomes = this.#changeable();
    for (const [at, { key }] of this.partition.events.entries()) {
      if (key === undefined || !this.#written.has(key)) outcomes[at] = 'held';
    }
    this.#holdAt(0, because);
  }

  /** Holds the events of some keys, whose state could not be written. `all` has the whole partition delivered again. */
  holdKeys(keys: readonly string[], because: string, all: boolean): void {
    this.isComplete = false;
    if (all) this.#holdAt(0, because);
    const outcomes = this.#changeable();
    for (const [at, { key }] of this.partition.events.entries()) {
      if (key === undefined || !keys.includes(key)) continue;
      outcomes[at] = 'held';
      this.#holdAt(at, because);
    }
  }

  /** Has the whole partition delivered again, because something that belongs to it was not written; the ledger knows the rest. */
  redeliver(because: string): void {
    this.isComplete = false;
    this.#holdAt(0, because);
  }

  /** The events of a key whose item the store refuses for good, which become dead letters. */
  refuse(key: string): readonly Event[] {
    const refused: Event[] = [];
    const outcomes = this.#changeable();
    for (const [at, event] of this.partition.events.entries()) {
      if (event.key !== key || outcomes[at] === 'duplicate') continue;
      outcomes[at] = 'deadLettered';
      refused.push(event);
    }
    return refused;
  }

  /** The first event that must be delivered again, and why; undefined if it passes. */
  get held(): { readonly event: Event; readonly because: string } | undefined {
    const event = this.partition.events[this.#heldAt];
    return event === undefined ? undefined : { event, because: this.#heldBecause };
  }

  /** Nothing was folded yet: everything is held. */
  #changeable(): EventOutcome[] {
    return (this.#outcomes ??= this.partition.events.map((): EventOutcome => 'held'));
  }

  #holdAt(at: number, because: string): void {
    if (at >= this.#heldAt) return;
    this.#heldAt = at;
    this.#heldBecause = because;
  }
}
