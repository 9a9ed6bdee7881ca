import type { Processor } from '../processor/processor.ts';
import type { LaneProgress } from '../state/state-store.ts';
import type { DeadLetter } from './dead-letter.ts';
import { Emission } from './emission.ts';
import type { Event, LaneEvents } from './event.ts';
import type { KeyWork } from './key-work.ts';

/** The work on one lane in one batch: what is held or passes together. */
export class LaneWork implements LaneEvents {
  readonly partitionKey: string;
  readonly events: readonly Event[];
  /** By state key; empty for a processor without state. */
  readonly works = new Map<string, KeyWork>();
  /** Only of a processor with timers. */
  progress: LaneProgress | undefined;
  watermarkMs = -Infinity;
  emission: Emission;
  deadLetters: DeadLetter[] = [];
  /** Why events of the lane are held, for people; undefined while it passes. */
  heldBecause: string | undefined;
  /** Whether something of what it emitted or changed could not be written; event time must not go on then. */
  incomplete = false;
  /** Whether somebody else has finished a batch of the lane since this one began. */
  contested = false;
  /** Index of the first event that must be delivered again; Infinity for none. */
  #againFrom = Infinity;
  /** Index of the event whose step asked to hold; nothing from there on is folded. */
  stopsAt = Infinity;
  readonly #processor: Processor;

  constructor({ partitionKey, events }: LaneEvents, processor: Processor) {
    this.#processor = processor;
    this.partitionKey = partitionKey;
    this.events = events;
    this.emission = new Emission(processor, partitionKey);
  }

  /** Holds the events from an index on, because a step asked for it; what stands before them is written. */
  holdFrom(index: number, because: string): void {
    this.stopsAt = index;
    this.#againAt(index, because);
    for (const event of this.events.slice(index)) event.outcome = 'held';
  }

  /** Holds the whole lane: nothing more of it will be written. */
  abandon(because: string): void {
    this.redeliver(because);
    for (const event of this.events) if (event.work?.isWritten !== true) event.outcome = 'held';
    this.works.clear();
  }

  /** Holds the events of one key, whose state could not be written. */
  holdKey(work: KeyWork, because: string): void {
    this.incomplete = true;
    for (const [index, event] of this.events.entries()) {
      if (event.work !== work) continue;
      event.outcome = 'held';
      this.#againAt(index, because);
    }
  }

  /** Has all of the lane delivered again, because something that belongs to it was not written; the ledger knows the rest. */
  redeliver(because: string): void {
    this.incomplete = true;
    this.#againAt(0, because);
  }

  /** Forgets what was given out, before a key is folded again. */
  startRound(): void {
    this.emission = new Emission(this.#processor, this.partitionKey);
    this.deadLetters = [];
  }

  /** The lowest sequence number that must be delivered again. */
  get firstHeld(): string | undefined {
    return this.events[this.#againFrom]?.record.sequenceNumber;
  }

  #againAt(index: number, because: string): void {
    this.#againFrom = Math.min(this.#againFrom, index);
    this.heldBecause = because;
  }
}
