/** What came out of bytes: a value, or the reason why there is none. Bad input is an outcome, never a throw. */
export type Decoded<Value> =
  { readonly kind: 'value'; readonly value: Value } | { readonly kind: 'malformed'; readonly reason: string };

/**
 * Bytes to values and back, for one type of value.
 *
 * A record meets a codec in two forms. At the edge it is foreign: bytes in the codec's own format (`decode`, `encode`).
 * Between processors it travels in a CloudEvents envelope, whose `data` member is JSON (`fromText`, `fromData`, `toData`); a
 * binary codec names `data_base64` as its member and gives base64 text.
 *
 * Reading never throws: what cannot be read is `malformed`, with a reason that says what to do, and nothing is replaced,
 * rounded or left out on the way. Writing throws a `RangeError` that names the value for everything that reading would not
 * give back. The rules are `codecContract`.
 */
export interface Codec<Value> {
  /** Media type of the codec's own format. */
  readonly contentType: string;
  readonly dataMember: 'data' | 'data_base64';
  /**
   * Loads what the codec needs before the first batch, such as schemas. Called once per engine and awaited before the
   * first decode; a rejection fails the batch, so that it is retried, and the next batch calls it again.
   */
  prepare?(): Promise<void>;
  /** Of bytes; or of the text whose UTF-8 they are, where the caller already has it. */
  decode(payload: Uint8Array | string): Decoded<Value>;
  encode(value: Value): Uint8Array;
  /** From the JSON text of the envelope's member, so that the codec sees digits as they were written. */
  fromText(text: string): Decoded<Value>;
  /** From the parsed JSON of the envelope's member; what parsing has lost, such as digits, is lost. */
  fromData(data: unknown): Decoded<Value>;
  /** JSON text of the envelope's member. */
  toData(value: Value): string;
}

/** The reason a codec gives for input it cannot read. */
export const malformed = (reason: string): Extract<Decoded<never>, { kind: 'malformed' }> => ({
  kind: 'malformed',
  reason,
});
