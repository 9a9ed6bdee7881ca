import { describe, expect, test } from '@jest/globals';
import { isUtf8 } from 'node:buffer';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { json } from '../../shared/codec/json.ts';
import { exactTextOf, MAX_BYTES_PER_CHARACTER } from '../../shared/codec/text-bytes.ts';
import { text } from '../../shared/codec/text.ts';

const anything = json('value', (value): value is unknown => value !== undefined);

const reasonOf = (payload: Uint8Array, codec: { decode: typeof anything.decode } = text()): string => {
  const decoded = codec.decode(payload);
  return decoded.kind === 'malformed' ? decoded.reason : `a value: ${JSON.stringify(decoded.value)}`;
};

describe('bytes that are not UTF-8 are refused, and the reason says what they look like', () => {
  const LATIN_1 = /looks like Latin-1 .*; convert it to UTF-8 at the producer$/u;
  const CUT = /the last character is cut off/u;
  test.each([
    ['gzip', gzipSync('{"a":1}'), /^not UTF-8 \(0x8b at byte 1\): looks like gzip; use gunzip\(text\(\)\)$/u],
    ['Zstandard', Buffer.from('28b52ffd0458190000616263', 'hex'), /looks like Zstandard/u],
    [
      'UTF-16 with a byte order mark',
      Buffer.from('\ufeffa', 'utf16le'),
      /^not UTF-8 \(0xff at byte 0\): looks like UTF-16;/u,
    ],
    ['UTF-16, big-endian', Buffer.from('\ufeffa', 'utf16le').swap16(), /looks like UTF-16/u],
    [
      'UTF-16 without a mark',
      Buffer.from('{"city":"Zürich"}', 'utf16le'),
      /^not UTF-8 \(0xfc at byte 20\): looks like UTF-16/u,
    ],
    ['Latin-1', Buffer.from('USC1,Zürich,14', 'latin1'), /^not UTF-8 \(0xfc at byte 6\): looks like Latin-1/u],
    ['Latin-1 at the end', Buffer.from('café', 'latin1'), LATIN_1],
    ['Latin-1, one letter', Buffer.from('é', 'latin1'), LATIN_1],
    ['a character cut in the middle', Buffer.from('12 °C, 3 €').subarray(0, -1), CUT],
    ['a cut character and nothing before', Buffer.from('\u{1F32A}').subarray(0, 2), CUT],
    ['a cut character after others', Buffer.from('Zürich é').subarray(0, -1), CUT],
    ['half of a surrogate pair', Uint8Array.of(0x61, 0xed, 0xa0, 0x80), /^not UTF-8 \(0xed at byte 1\)/u],
    ['an overlong zero', Uint8Array.of(0xc0, 0x80), /^not UTF-8 \(0xc0 at byte 0\)/u],
    ['binary data', deflateSync('aaaaaaaaaaaaaaaaaaaaaaaaaaaa'), /looks like binary data; use bytes\(\)/u],
    [
      'a fault after U+FFFD that was meant',
      Buffer.from([...Buffer.from('ü\ufffd\ufffd'), 0xff]),
      /\(0xff at byte 8\)/u,
    ],
  ])('%s', (_what, payload, reason) => {
    expect(reasonOf(payload)).toMatch(reason);
    expect(reasonOf(payload, anything)).toMatch(/^not UTF-8 /u);
  });

  test('json() names itself in the advice', () => {
    expect(reasonOf(gzipSync('{}'), anything)).toMatch(/use gunzip\(json\(\.\.\.\)\)$/u);
  });

  test('UTF-16 of plain letters is UTF-8 with zeros, and no JSON', () => {
    expect(reasonOf(Buffer.from('{"a":1}', 'utf16le'), anything)).toMatch(/^not JSON: .* looks like UTF-16/su);
  });
});

test('a text is exact or there is none: it gives back the very bytes', () => {
  const byte = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0x61, 0xc3, 0xbc, 0xef, 0xbf, 0xbd, 0xf0, 0x9f),
  );
  const payload = fc.oneof(
    fc.array(byte, { maxLength: 12 }).map((bytes) => Uint8Array.from(bytes)),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(payload, (bytes) => {
      const exact = exactTextOf(bytes);
      expect(exact !== undefined).toBe(isUtf8(bytes));
      if (exact !== undefined) expect(Buffer.from(exact).equals(bytes)).toBe(true);
      const decoded = text().decode(bytes);
      if (decoded.kind === 'malformed') expect(decoded.reason).toMatch(/^not UTF-8 \(0x[\da-f]{2} at byte \d+\): /u);
    }),
    { numRuns: 3000 },
  );
});

test('U+FFFD that a producer wrote is a character like any other', () => {
  expect(exactTextOf(Buffer.from('a\ufffdb'))).toBe('a\ufffdb');
});

test('no character takes more than MAX_BYTES_PER_CHARACTER bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(text.length * MAX_BYTES_PER_CHARACTER);
    }),
  );
  expect(Buffer.byteLength('\uffff')).toBe(MAX_BYTES_PER_CHARACTER);
});
