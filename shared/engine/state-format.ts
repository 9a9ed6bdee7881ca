import { jsonText } from '../codec/json-text.ts';
import { isPromise } from '../codec/thenable.ts';
import { parseJson } from '../codec/json.ts';
import type { Keyed, Processor } from '../processor/processor.ts';
import type { StateAddress, StoredItem } from '../state/state-store.ts';
import { messageOf, stepFault, type Fault } from './batch.ts';

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

/** The entry of a ledger that names the version of the state's shape; entries of lanes have an `@`, those of shards a `/`. */
const VERSION = '#version';

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

/** Items with states that no step has touched. */
export const reread = (items: ReadonlyMap<string, Item>, format: StateFormat | undefined): ReadonlyMap<string, Item> =>
  format === undefined ? items : new Map(Array.from(items, ([key, item]) => [key, format.reread(item)]));

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
      const { collection, key, isRow } = address;
      if (stored === undefined) {
        return {
          collection,
          partitionKey: address.partitionKey,
          key,
          ...(isRow === true && { isRow }),
          version: 0,
          text: undefined,
          state: undefined,
          fault: undefined,
          isMigrated: false,
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
      if (isPromise(initial)) throw new TypeError(`processor '${id}': initial() must return a state, got a promise`);
      return typeof initial === 'object' && initial !== null ? copyOf(initial) : initial;
    },
    marks: keyed.version === 1 ? NO_LEDGER : { [VERSION]: version },
  };
};

/** Most initial states are a plain object of numbers and texts, or an empty one, which is copied much faster than any object. */
const copyOf = (state: object): unknown =>
  Object.getPrototypeOf(state) === Object.prototype && Object.values(state).every(isPrimitive)
    ? { ...state }
    : structuredClone(state);

const isPrimitive = (value: unknown): boolean =>
  value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol');

const ownedFault = (processor: string, { collection, partitionKey, key }: StateAddress, owner: string): Fault =>
  stepFault(
    new RangeError(
      `processor '${processor}': row '${key}' of table '${collection}' belongs to partition key '${owner}', so '${partitionKey}' cannot change it: ` +
        'their records have no common order. Refine the partition key, make the row key unique, or say fanIn',
    ),
  );
