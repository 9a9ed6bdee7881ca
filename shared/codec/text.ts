import { bytesOf, textOf } from './text-bytes.ts';
import type { Codec, Decoded } from './codec.ts';

const notText: Decoded<string> = { kind: 'malformed', reason: 'not a text' };

/**
 * Plain UTF-8 text, one line or document a record. Every sequence of bytes has a text, so nothing is refused.
 *
 * @example
 * ```ts
 * text().fromData('a,b,c'); // { kind: 'value', value: 'a,b,c' }
 * text().toData('say "hi"'); // '"say \\"hi\\""'
 * ```
 */
export const text = (): Codec<string> => ({
  contentType: 'text/plain',
  dataMember: 'data',
  decode: (payload) => ({ kind: 'value', value: textOf(payload) }),
  encode: bytesOf,
  fromData: (data) => (typeof data === 'string' ? { kind: 'value', value: data } : notText),
  toData: (value) => JSON.stringify(value),
});
