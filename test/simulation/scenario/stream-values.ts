import type { StreamView } from '../check/stream-view.ts';

/** Values of a stream as a reader with a ledger takes them, lane by lane. */
export const valuesOf = (streams: ReadonlyMap<string, StreamView>, stream: string): readonly unknown[] =>
  [...(streams.get(stream)?.lanes.values() ?? [])].flatMap((records) =>
    records.map((record): unknown => JSON.parse(record.slice(record.indexOf(' ') + 1))),
  );

/** A field of a value that was read back; undefined where it has none. */
export const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
