import { isUtf8 } from 'node:buffer';
import type { Decoded } from './codec.ts';

/** Max bytes of UTF-8 for one character of a string, as `length` counts characters; a pair of surrogates takes 4. */
export const MAX_BYTES_PER_CHARACTER = 3;

const utf8 = new TextEncoder();
const REPLACEMENT = '\ufffd';
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);

/** A view of the same memory as a Buffer, because its `toString` is the fastest way from bytes to text in Node. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Text of UTF-8 bytes, or the text itself; what is not UTF-8 becomes U+FFFD. For display and for tests: two different
 * payloads may have one text, so no value may come from it. Values come from {@link exactTextOf}.
 */
export const textOf = (payload: Uint8Array | string): string =>
  typeof payload === 'string' ? payload : asBuffer(payload).toString('utf8');

/**
 * The text whose UTF-8 the payload is, character by character; undefined if it is not UTF-8 or, for a string, holds half a
 * surrogate pair, which UTF-8 cannot carry. A byte order mark is a character like any other.
 *
 * @example
 * ```ts
 * exactTextOf(Uint8Array.of(0x5a, 0xc3, 0xbc)); // 'Zü'
 * exactTextOf(Uint8Array.of(0x5a, 0xfc)); // undefined
 * ```
 */
export const exactTextOf = (payload: Uint8Array | string): string | undefined => {
  if (typeof payload === 'string') return payload.isWellFormed() ? payload : undefined;
  const text = asBuffer(payload).toString('utf8');
  // Decoding marks every fault with U+FFFD, and looking for that costs nothing in ASCII; few texts need the second look.
  return text.includes(REPLACEMENT) && !isUtf8(payload) ? undefined : text;
};

/** UTF-8 bytes of a text; half a surrogate pair becomes U+FFFD. */
export const bytesOf = (text: string): Uint8Array => utf8.encode(text);

/** Whether bytes begin as every gzip member does. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * Why {@link exactTextOf} has no text: which byte is wrong, what the payload looks like and what to do. `codec` is how the
 * codec is written that wanted text, such as `json(...)`.
 */
export const notUtf8 = (
  payload: Uint8Array | string,
  codec: string,
): Extract<Decoded<never>, { kind: 'malformed' }> => {
  if (typeof payload === 'string') {
    return {
      kind: 'malformed',
      reason: 'not UTF-8: the text holds half of a surrogate pair, which UTF-8 cannot carry',
    };
  }
  const at = firstFault(payload);
  const byte = `0x${(payload[at] ?? 0).toString(16).padStart(2, '0')}`;
  return { kind: 'malformed', reason: `not UTF-8 (${byte} at byte ${String(at)}): ${adviceFor(payload, at, codec)}` };
};

const firstFault = (bytes: Uint8Array): number => {
  const buffer = asBuffer(bytes);
  const text = buffer.toString('utf8');
  let charAt = 0;
  let byteAt = 0;
  for (;;) {
    const next = text.indexOf(REPLACEMENT, charAt);
    if (next < 0) return byteAt;
    byteAt += Buffer.byteLength(text.slice(charAt, next));
    // U+FFFD may also be what the producer wrote.
    if (!buffer.subarray(byteAt, byteAt + REPLACEMENT_BYTES.length).equals(REPLACEMENT_BYTES)) return byteAt;
    byteAt += REPLACEMENT_BYTES.length;
    charAt = next + 1;
  }
};

const adviceFor = (bytes: Uint8Array, faultAt: number, codec: string): string => {
  if (isGzip(bytes)) return `looks like gzip; use gunzip(${codec})`;
  if (bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd) {
    return 'looks like Zstandard; decompress it at the producer, or use bytes()';
  }
  if (looksLikeUtf16(bytes)) return 'looks like UTF-16; convert it to UTF-8 at the producer';
  if (isCutCharacter(bytes, faultAt)) {
    return 'the last character is cut off; the producer must cut texts between characters, or send them whole';
  }
  if (bytes.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)) {
    return 'looks like binary data; use bytes(), or a codec of its format';
  }
  return 'looks like Latin-1 or another encoding of one byte a character; convert it to UTF-8 at the producer';
};

/** Two bytes a character: a byte order mark, or zeros in every second place, as letters and digits have them. */
const looksLikeUtf16 = (bytes: Uint8Array): boolean => {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return true;
  const zeros = [0, 0] as const;
  const [even, odd] = bytes.reduce<readonly [number, number]>(
    ([evens, odds], byte, at) => (byte !== 0 ? [evens, odds] : at % 2 === 0 ? [evens + 1, odds] : [evens, odds + 1]),
    zeros,
  );
  const pairs = Math.floor(bytes.length / 2);
  return pairs > 0 && Math.max(even, odd) * 2 > pairs && Math.min(even, odd) * 10 < pairs;
};

/** A character of several bytes that ends too early; one lone byte counts only after others that are UTF-8. */
const isCutCharacter = (bytes: Uint8Array, faultAt: number): boolean => {
  const lead = bytes[faultAt] ?? 0;
  const needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const rest = bytes.subarray(faultAt + 1);
  return (
    lead >= 0xc2 &&
    lead <= 0xf4 &&
    rest.length + 1 < needed &&
    rest.every((byte) => (byte & 0xc0) === 0x80) &&
    (rest.length > 0 || bytes.subarray(0, faultAt).some((byte) => byte >= 0x80))
  );
};
