import type { Codec } from '../codec/codec.ts';

/** What a stream is; see {@link stream}. Methods, so that a stream of readings passes where any stream will do. */
export interface StreamOptions<Value> {
  readonly codec: Codec<Value>;
  /**
   * What decides the shard, and with it order: 1 to 256 characters. `from` is the partition key of the record that a
   * processor made the value of; undefined for a producer.
   */
  partitionKey(value: Value, from?: string): string;
  /**
   * When it happened, in milliseconds since 1970 (negative before); a whole number.
   *
   * @default - the time in the record's envelope, or for a foreign record the time it arrived
   */
  eventTimeMs?(value: Value): number;
  /**
   * An id that tells the values apart which one processor makes of one record: the same value has the same id in every
   * attempt. With it, an edit of what a step decides by can never give one value the origin of another.
   *
   * @default - the place of the value among those of its output
   */
  idOf?(value: Value): string;
  /**
   * Where records of a source come from. `outside`: from anywhere, and what looks like an envelope is a plain value.
   * `millrace`: another topology of ours writes the stream; its envelopes are opened and their origins trusted, so that a
   * repeat after a crash there is known here.
   *
   * @default 'outside'
   */
  readonly writtenBy?: 'outside' | 'millrace';
  /**
   * How a foreign producer counts its records, where it does: a record that it sends twice is applied once. Counters of one
   * producer grow within a partition key.
   */
  eventId?(value: Value): ProducerEventId;
}

/** A producer, and the number it gave a record: a whole number from 0, as a number, a bigint or decimal digits. */
export interface ProducerEventId {
  readonly producer: string;
  readonly counter: number | bigint | string;
}

/** A named, typed, partitioned log. */
export interface Stream<Value> extends StreamOptions<Value> {
  readonly kind: 'stream';
  readonly name: string;
  /** Of a merged stream: the logical streams in it, by name. */
  readonly inputs?: Readonly<Record<string, Stream<unknown>>>;
  /** The merged stream that this one is an input of; records are written there. */
  readonly mergedIn?: Stream<unknown>;
}

const NAME = /^[a-zA-Z0-9_.-]{1,128}$/;

/** Names are what Kinesis allows, so that a topology which runs locally also deploys. */
export const checkName = (what: string, name: string): string => {
  if (!NAME.test(name)) {
    throw new RangeError(`${what} name must be 1 to 128 of a-z A-Z 0-9 _ . -, got '${name}'`);
  }
  return name;
};

/** Describes a stream. Nothing is opened: a description is data. */
export const stream = <Value>(
  name: string,
  options: StreamOptions<NoInfer<Value>> & { readonly codec: Codec<Value> },
): Stream<Value> => ({
  ...options,
  kind: 'stream',
  name: checkName('stream', name),
});
