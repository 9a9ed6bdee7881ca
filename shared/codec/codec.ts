/** What came out of bytes: a value, or the reason why there is none. Bad input is an outcome, never a throw. */
export type Decoded<Value> =
  { readonly kind: 'value'; readonly value: Value } | { readonly kind: 'malformed'; readonly reason: string };

/**
 * Bytes to values and back, for one type of value.
 *
 * A record meets a codec in two forms. At the edge it is foreign: bytes in the codec's own format (`decode`, `encode`).
 * Between processors it travels in a CloudEvents envelope, whose `data` member is JSON (`fromData`, `toData`); a binary
 * codec names `data_base64` as its member and gives base64 text.
 */
export interface Codec<Value> {
  readonly contentType: string;
  readonly dataMember: 'data' | 'data_base64';
  /** Of bytes; or of their text, where somebody has it already. */
  decode(payload: Uint8Array | string): Decoded<Value>;
  encode(value: Value): Uint8Array;
  /** From the parsed JSON of the envelope's member. */
  fromData(data: unknown): Decoded<Value>;
  /** JSON text of the envelope's member. */
  toData(value: Value): string;
}
