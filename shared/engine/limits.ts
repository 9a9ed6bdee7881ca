import { MAX_ITEM_BYTES } from '../state/state-store.ts';
import { KINESIS_RECORD_BYTES } from '../codec/kpl-aggregator.ts';
import { isPromise } from '../codec/thenable.ts';
import { MAX_BYTES_PER_CHARACTER } from '../codec/text-bytes.ts';
import { MAX_PARTITION_KEY_CHARACTERS } from '../stream/partition-key.ts';

const MAX_STATE_KEY_CHARACTERS = 512;
/** What a store can take beside what it adds of its own to tell keys apart. */
const MAX_STATE_KEY_BYTES = 1000;

/** The key itself; throws for one that not every store can keep apart from all others. */
export const checkStateKey = (processor: string, key: unknown): string => {
  if (typeof key !== 'string') {
    throw new TypeError(`processor '${processor}': key(value) must return text, got ${shown(key)}`);
  }
  if (key.length === 0 || key.length > MAX_STATE_KEY_CHARACTERS) {
    throw new RangeError(
      `processor '${processor}': a state key must have 1 to ${String(MAX_STATE_KEY_CHARACTERS)} characters, got ${String(key.length)}`,
    );
  }
  if (key.length * MAX_BYTES_PER_CHARACTER > MAX_STATE_KEY_BYTES && Buffer.byteLength(key) > MAX_STATE_KEY_BYTES) {
    throw new RangeError(
      `processor '${processor}': a state key may have ${String(MAX_STATE_KEY_BYTES)} bytes of UTF-8, got ${String(Buffer.byteLength(key))}: shorten it, for example to a digest`,
    );
  }
  if (!key.isWellFormed() || key.includes('\0')) {
    throw new RangeError(
      `processor '${processor}': a state key must be text without U+0000 and without halves of surrogate pairs, got ${JSON.stringify(key)}`,
    );
  }
  return key;
};

/** Throws for a record that no stream takes: retrying could not help, so it is a fault of the step. */
export const checkPutable = (stream: string, partitionKey: unknown, payload: string): void => {
  if (typeof partitionKey !== 'string') {
    throw new TypeError(
      `a record for stream '${stream}' must have a partition key that is text, got ${shown(partitionKey)}`,
    );
  }
  if (partitionKey.length === 0 || partitionKey.length > MAX_PARTITION_KEY_CHARACTERS) {
    throw new RangeError(
      `a record for stream '${stream}' has a partition key of ${String(partitionKey.length)} characters: 1 to ${String(MAX_PARTITION_KEY_CHARACTERS)} are allowed; shortPartitionKey makes one of longer text`,
    );
  }
  if (!partitionKey.isWellFormed()) {
    throw new RangeError(
      `a record for stream '${stream}' has a partition key with half of a surrogate pair, ${JSON.stringify(partitionKey)}: UTF-8 cannot carry it`,
    );
  }
  if ((payload.length + partitionKey.length) * MAX_BYTES_PER_CHARACTER <= KINESIS_RECORD_BYTES) return;
  const bytes = Buffer.byteLength(payload) + Buffer.byteLength(partitionKey);
  if (bytes > KINESIS_RECORD_BYTES) {
    throw new RangeError(
      `a record for stream '${stream}' has ${String(bytes)} bytes with its key, at most ${String(KINESIS_RECORD_BYTES)} are taken: store the value elsewhere and send a reference`,
    );
  }
};

/** The end of what a Date can hold, less room for windows and grace. */
export const MAX_TIME_MS = 8_639_000_000_000_000;

/** Whether a number is an event time: a whole number of milliseconds that a Date can hold. */
export const isTime = (timeMs: unknown): timeMs is number =>
  typeof timeMs === 'number' && Number.isInteger(timeMs) && Math.abs(timeMs) <= MAX_TIME_MS;

/** The time itself; throws for one that no record can carry. */
export const checkTime = (stream: string, timeMs: unknown): number => {
  if (isTime(timeMs)) return timeMs;
  throw new RangeError(
    `a record for stream '${stream}' must have an event time in whole milliseconds since 1970, at most ±${String(MAX_TIME_MS)}, got ${shown(timeMs)}`,
  );
};

/** What a store may count beside what can be known here. */
const ITEM_OVERHEAD_BYTES = 2_048;

/** Max bytes of an item that is emitted for: what a store refuses is found before anything of it leaves. */
export const MAX_STATE_BYTES: number = MAX_ITEM_BYTES - ITEM_OVERHEAD_BYTES;

/** Why an item cannot be written that is too large, and what to do. */
export const tooLarge = (processor: string, key: string, state: string | undefined, bytes: number): string => {
  const stateBytes = Buffer.byteLength(state ?? '');
  return (
    `processor '${processor}': the item of state key '${key}' would have ${String(bytes)} bytes, ${String(stateBytes)} of them state; ` +
    `at most ${String(MAX_STATE_BYTES)} are allowed: keep less in the state of one key, or refine the key`
  );
};

/** A value as an error shows it. */
export const shown = (value: unknown): string => {
  if (isPromise(value)) return 'a promise';
  if (value === undefined || value === null || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  return Object.prototype.toString.call(value);
};
