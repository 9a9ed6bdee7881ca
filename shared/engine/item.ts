import { jsonText } from '../codec/json-text.ts';
import { parseJson } from '../codec/json.ts';
import { deleted, type Keyed, type Processor } from '../processor/processor.ts';
import type { ConditionalWrite, StateAddress, StoredItem } from '../state/state-store.ts';
import { rootShard } from '../stream/origin.ts';
import { messageOf, SHARED_PARTITION, stepFault, type Fault } from './batch.ts';
import { isAtOrBefore, withApplied } from './ledger.ts';

/** A state item as the engine keeps it: with its text, because a step may have changed the parsed state in place. */
export interface Item extends StateAddress {
  readonly version: number;
  /** JSON text of the state; undefined where it has none. */
  readonly text: string | undefined;
  /** Whether `state` has a newer shape than `text`. */
  readonly isMigrated: boolean;
  readonly state: unknown;
  readonly ledger: Readonly<Record<string, string>>;
  readonly timerMs: number | undefined;
  /** Why its state cannot be used: every record of the key gets this fault, and the state stays as it is. */
  readonly fault: Fault | undefined;
  /** Whether it is a row that another partition key owns: nothing of it may be written. */
  readonly isOwnedByOther: boolean;
}

/** Entries of a ledger beside those of lanes, which have an `@`, and of shards, which have a `/`. */
const FIRED = '#timer';
const VERSION = '#version';
const ARRIVAL = '#arrival';

const NO_LEDGER: Readonly<Record<string, string>> = Object.freeze({});

type ParsedState = Pick<Item, 'state' | 'fault' | 'isMigrated'>;

const NO_STATE: ParsedState = { state: undefined, fault: undefined, isMigrated: false };

/** How one processor's states are read and written. */
export interface StateFormat {
  /** The item as it is stored, or as it is before its first write. */
  read(address: StateAddress, stored: StoredItem | undefined): Item;
  /** The same item with a state that no step has touched. */
  reread(item: Item): Item;
  /** JSON text of a state. Throws for a state that a reader would not get back, naming processor and place. */
  write(state: unknown): string;
  /** A state for a key that has none; never one that another key has. */
  initial(): unknown;
  /** What a ledger must carry beside its lanes. */
  readonly marks: Readonly<Record<string, string>>;
}

/** Makes the state format of a processor. */
export const stateFormat = ({ id }: Processor, keyed: Keyed): StateFormat => {
  const codec = keyed.codec ?? keyed.as?.codec;
  const version = String(keyed.version);
  const decoded = (state: unknown): unknown => {
    if (codec === undefined) return state;
    const checked = codec.fromData(state);
    if (checked.kind === 'malformed') throw new TypeError(checked.reason);
    return checked.value;
  };
  const parse = (key: string, text: string, writtenBy: string): ParsedState => {
    try {
      const parsed = parseJson(text);
      if (parsed.kind === 'malformed') throw new TypeError(parsed.reason);
      if (writtenBy === version) return { state: decoded(parsed.value), fault: undefined, isMigrated: false };
      if (keyed.migrate === undefined) {
        throw new RangeError(`it was written by version ${writtenBy}, this is version ${version} and has no 'migrate'`);
      }
      const state = decoded(keyed.migrate(parsed.value, Number(writtenBy)));
      return { state, fault: undefined, isMigrated: true };
    } catch (thrown) {
      const { error, ...fault } = stepFault(thrown);
      const remedy = `give the processor a higher 'version' and a 'migrate', or delete the state`;
      return {
        state: undefined,
        isMigrated: false,
        fault: { ...fault, error: `processor '${id}' cannot use the state of key '${key}': ${error}; ${remedy}` },
      };
    }
  };
  const parsedItem = (address: StateAddress, text: string | undefined, ledger: Item['ledger']): ParsedState =>
    text === undefined ? NO_STATE : parse(address.key, text, ledger[VERSION] ?? '1');

  return {
    read: (address, stored) => {
      if (stored === undefined) {
        return {
          ...address,
          version: 0,
          text: undefined,
          ...NO_STATE,
          ledger: NO_LEDGER,
          timerMs: undefined,
          isOwnedByOther: false,
        };
      }
      const { partitionKey, version: stamp, state: text, ledger, timerMs } = stored;
      const parsed = parsedItem(address, text, ledger);
      const isOwnedByOther = partitionKey !== address.partitionKey;
      const fault = isOwnedByOther ? ownedFault(id, address, partitionKey) : parsed.fault;
      return { ...address, version: stamp, text, ...parsed, ledger, timerMs, fault, isOwnedByOther };
    },
    reread: (item) => ({ ...item, ...(item.fault === undefined && parsedItem(item, item.text, item.ledger)) }),
    write: (state) => {
      try {
        if (codec === undefined) return jsonText(state);
        // The guard also holds for what is written: a reader must not be the first to find out.
        const text = codec.toData(state);
        decoded(codec.dataMember === 'data' ? state : JSON.parse(text));
        return text;
      } catch (thrown) {
        throw new TypeError(`processor '${id}' returned a state that cannot be stored: ${messageOf(thrown)}`);
      }
    },
    initial: () => {
      const initial = keyed.initial();
      return typeof initial === 'object' && initial !== null ? structuredClone(initial) : initial;
    },
    marks: keyed.version === 1 ? NO_LEDGER : { [VERSION]: version },
  };
};

const ownedFault = (processor: string, { collection, partitionKey, key }: StateAddress, owner: string): Fault =>
  stepFault(
    new RangeError(
      `processor '${processor}': row '${key}' of table '${collection}' belongs to partition key '${owner}', so '${partitionKey}' cannot change it: ` +
        'their records have no common order. Refine the partition key, make the row key unique, or say fanIn',
    ),
  );

interface Snapshot {
  readonly state: unknown;
  undo(): void;
}

/**
 * What a fold makes of one item. Nobody sees any of it before it is written, so giving it up is forgetting it.
 */
export class Draft {
  readonly item: Item;
  readonly #format: StateFormat;
  /** `deleted`, or no state yet: undefined and `hasState` false. */
  #state: unknown;
  #hasState: boolean;
  #text: string | undefined;
  timerMs: number | undefined;
  changed = false;
  #firedMs: number;
  #updates: Map<string, string> | undefined;
  // Neighbours mostly share a lane: its newest position is kept aside until another lane comes.
  #lane = '';
  #position: string | undefined = undefined;
  #arrivalMs: number;
  #isCompacted = false;
  #merged: Readonly<Record<string, string>> | undefined;

  constructor(item: Item, format: StateFormat) {
    this.item = item;
    this.#format = format;
    this.#state = item.state;
    this.#hasState = item.text !== undefined;
    this.#text = item.isMigrated ? undefined : item.text;
    this.timerMs = item.timerMs;
    const fired = item.ledger[FIRED];
    this.#firedMs = fired === undefined ? -Infinity : Number(fired);
    this.#arrivalMs = Number(item.ledger[ARRIVAL] ?? -Infinity);
  }

  /** The state as a step is given it. User code may run here. */
  get state(): unknown {
    return this.#hasState ? this.#state : this.#format.initial();
  }

  /** A copy of the state for a step that may fail; the draft can go back to where it is now. */
  snapshot(): Snapshot {
    const [state, hasState, text, timerMs] = [this.#state, this.#hasState, this.#text, this.timerMs];
    const undo = (): void => {
      this.#state = state;
      this.#hasState = hasState;
      this.#text = text;
      this.timerMs = timerMs;
    };
    return { state: this.isMutable ? structuredClone(this.#state) : this.state, undo };
  }

  /** Whether a step could change the stored state in place. */
  get isMutable(): boolean {
    return this.#hasState && typeof this.#state === 'object' && this.#state !== null;
  }

  /** Sets the state that a step returned, once all else of its answer is good. */
  setState(state: unknown): void {
    this.#hasState = state !== deleted;
    this.#state = this.#hasState ? state : undefined;
    this.#text = undefined;
  }

  /** Sets the timer: after the last one that fired, or its output would pass for a repeat. */
  setTimer(timerMs: number): void {
    this.timerMs = Math.max(timerMs, this.#firedMs + 1);
  }

  /** Takes the timer away because it fires. */
  markFired(timerMs: number): void {
    this.#firedMs = timerMs;
    this.#update(FIRED, String(timerMs));
    this.timerMs = undefined;
    this.changed = true;
  }

  /** Whether this record is in the state already. */
  hasApplied(lane: string, position: string): boolean {
    if (lane !== this.#lane) {
      this.#settle();
      this.#lane = lane;
      this.#position = this.#updates?.get(lane) ?? this.item.ledger[lane] ?? this.#shardMark(lane);
    }
    return this.#position !== undefined && isAtOrBefore(position, this.#position);
  }

  /** Whether a record arrived after everything that was applied: then it cannot be a repeat, wherever it stands. */
  arrivedAfterAll(arrivalMs: number): boolean {
    return arrivalMs > this.#arrivalMs;
  }

  /** Enters the record that {@link hasApplied} was just asked about. `arrivalMs` of one whose position a shard gave. */
  markApplied(position: string, arrivalMs: number | undefined): void {
    this.#position = withApplied(this.#position, position);
    this.#merged = undefined;
    if (arrivalMs !== undefined && arrivalMs > this.#arrivalMs) this.#arrivalMs = arrivalMs;
    this.changed = true;
  }

  /**
   * Enters that every record of a shard through `position` is done, in place of an entry for each of its partition keys: what
   * keeps the ledger of a state that many of them share from growing.
   */
  compact(shard: string, position: string): void {
    const ledger = this.ledger();
    this.#lane = '';
    this.#position = undefined;
    this.#updates = new Map(Object.entries(ledger).filter(([lane]) => rootShard(lane) !== shard));
    this.#updates.set(shard, position);
    this.#isCompacted = true;
    this.#merged = undefined;
  }

  /** JSON text of the state as it is now; throws for a state that cannot be stored. */
  text(): string | undefined {
    if (!this.#hasState) return undefined;
    this.#text ??= this.item.fault === undefined ? this.#format.write(this.#state) : this.item.text;
    return this.#text;
  }

  ledger(): Readonly<Record<string, string>> {
    return (this.#merged ??= this.#mergedLedger());
  }

  #mergedLedger(): Readonly<Record<string, string>> {
    this.#settle();
    if (Number.isFinite(this.#arrivalMs)) this.#update(ARRIVAL, String(this.#arrivalMs));
    const marks = this.item.fault === undefined ? this.#format.marks : NO_LEDGER;
    const merged: Record<string, string> = this.#isCompacted ? { ...marks } : { ...this.item.ledger, ...marks };
    for (const [lane, position] of this.#updates ?? []) merged[lane] = position;
    return merged;
  }

  write(writtenAtMs: number): ConditionalWrite {
    const { collection, partitionKey, key, isRow = false, version } = this.item;
    const address = isRow ? { collection, partitionKey, key, isRow } : { collection, partitionKey, key };
    return {
      ...address,
      expected: version,
      state: this.text(),
      ledger: this.ledger(),
      timerMs: this.timerMs,
      writtenAtMs,
    };
  }

  /** The item as it is after the write. */
  written({ state: text, ledger, timerMs, expected }: ConditionalWrite): Item {
    return { ...this.item, version: expected + 1, text, state: this.#state, isMigrated: false, ledger, timerMs };
  }

  #shardMark(lane: string): string | undefined {
    if (this.item.partitionKey !== SHARED_PARTITION) return undefined;
    const shard = rootShard(lane);
    return shard === undefined ? undefined : (this.#updates?.get(shard) ?? this.item.ledger[shard]);
  }

  #update(entry: string, value: string): void {
    this.#merged = undefined;
    (this.#updates ??= new Map()).set(entry, value);
  }

  #settle(): void {
    if (this.#position !== undefined) this.#update(this.#lane, this.#position);
  }
}
