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
}

/** A named, typed, partitioned log. */
export interface Stream<Value> extends StreamOptions<Value> {
  readonly kind: 'stream';
  readonly name: string;
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
