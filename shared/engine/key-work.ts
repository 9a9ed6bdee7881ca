import type { ConditionalWrite, StateAddress, StoredItem } from '../state/state-store.ts';

/** A state item as the engine keeps it warm: parsed, and never changed. */
export interface WarmItem extends StateAddress {
  readonly version: number;
  readonly state: unknown;
  readonly ledger: ReadonlyMap<string, string>;
  readonly timerMs: number | undefined;
}

/** What the store gave, parsed; or the item as it is before its first write. */
export const warmItem = (address: StateAddress, stored: StoredItem | undefined, initial: () => unknown): WarmItem => {
  if (stored === undefined) {
    return { ...address, version: 0, state: initial(), ledger: new Map(), timerMs: undefined };
  }
  const { version, state, ledger, timerMs } = stored;
  const parsed: unknown = state === undefined ? initial() : JSON.parse(state);
  return { ...address, version, state: parsed, ledger: new Map(Object.entries(ledger)), timerMs };
};

/** Entry of a ledger for the timer that fired last: no lane has such a name. Its position is a time in milliseconds. */
const FIRED = 'timer';

/**
 * The work on one state key in one batch: the item as it was, and what the fold makes of it. Nothing of it is seen by
 * others before it is written, so giving it up is beginning again.
 */
export class KeyWork {
  readonly address: StateAddress;
  state: unknown = undefined;
  timerMs: number | undefined = undefined;
  /** Whether there is anything to write. */
  changed = false;
  /** Whether this batch has written it. */
  isWritten = false;
  #version = 0;
  #firedMs = -Infinity;
  #ledger = new Map<string, string>();
  // Neighbours mostly share a lane: its newest position is kept aside until another lane comes.
  #lane = '';
  #position: string | undefined = undefined;

  constructor(address: StateAddress) {
    this.address = address;
  }

  /** Starts, or starts again, from what is stored. */
  begin({ version, state, ledger, timerMs }: WarmItem): void {
    this.state = state;
    this.timerMs = timerMs;
    this.changed = false;
    this.#version = version;
    this.#ledger = new Map(ledger);
    this.#lane = '';
    this.#position = undefined;
    const fired = ledger.get(FIRED);
    this.#firedMs = fired === undefined ? -Infinity : Number(fired);
  }

  /** Sets the timer: behind the one that fired last, or what it gives out would pass for a repeat of that. */
  setTimer(timerMs: number): void {
    this.timerMs = Math.max(timerMs, this.#firedMs + 1);
  }

  /** Takes the timer away because it fires. */
  markFired(timerMs: number): void {
    this.#firedMs = timerMs;
    this.#ledger.set(FIRED, String(timerMs));
    this.timerMs = undefined;
    this.changed = true;
  }

  /** Whether this record is in the state already: its position is not beyond the last one applied of its lane. */
  hasApplied(lane: string, position: string): boolean {
    if (lane !== this.#lane) {
      this.#settleLedger();
      this.#lane = lane;
      this.#position = this.#ledger.get(lane);
    }
    return this.#position !== undefined && position <= this.#position;
  }

  /** Enters the record that {@link hasApplied} was just asked about, and said no to. */
  markApplied(position: string): void {
    this.#position = position;
    this.changed = true;
  }

  write(): ConditionalWrite {
    return {
      ...this.address,
      expected: this.#version,
      state: this.state === undefined ? undefined : JSON.stringify(this.state),
      ledger: Object.fromEntries(this.#settleLedger()),
      timerMs: this.timerMs,
    };
  }

  /** The item as it is stored: as it was loaded, or as it is after the write. */
  stored(written: boolean): WarmItem {
    const version = this.#version + (written ? 1 : 0);
    return { ...this.address, version, state: this.state, ledger: this.#settleLedger(), timerMs: this.timerMs };
  }

  #settleLedger(): Map<string, string> {
    if (this.#position !== undefined) this.#ledger.set(this.#lane, this.#position);
    return this.#ledger;
  }
}
