import { describe, expect, test } from '@jest/globals';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { bytes } from '../../shared/codec/bytes.ts';
import type { Codec } from '../../shared/codec/codec.ts';
import { gunzip } from '../../shared/codec/gunzip.ts';
import { json } from '../../shared/codec/json.ts';
import { text } from '../../shared/codec/text.ts';

const packedText = gunzip(text(), { maxBytes: 1000 });

const resultOf = (payload: Uint8Array, codec: Codec<unknown> = packedText): unknown => {
  const decoded = codec.decode(payload);
  return decoded.kind === 'malformed' ? decoded.reason : decoded.value;
};

test('whatever any gzip writes is read, at each level, in one member or in many', () => {
  const codec = gunzip(bytes());
  const level = fc.integer({ min: 0, max: 9 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.uint8Array({ maxLength: 3000 }), level), { minLength: 1, maxLength: 4 }),
      (parts) => {
        const members = parts.map(([part, strength]) => gzipSync(part, { level: strength }));
        const whole = new Uint8Array(Buffer.concat(parts.map(([part]) => part)));
        expect(resultOf(Buffer.concat(members), codec)).toEqual(whole);
        expect(new Uint8Array(gunzipSync(codec.encode(whole)))).toEqual(whole);
      },
    ),
  );
});

test('a subscription of CloudWatch Logs is read, with its control messages', () => {
  interface LogEvents {
    readonly messageType: string;
    readonly logEvents: readonly { readonly id: string; readonly timestamp: number; readonly message: string }[];
  }
  const isLogEvents = (value: unknown): value is LogEvents =>
    typeof value === 'object' && value !== null && 'messageType' in value && 'logEvents' in value;
  const subscription = gunzip(json('log events', isLogEvents));
  const data = {
    messageType: 'DATA_MESSAGE',
    logEvents: [{ id: '38040865846866247697', timestamp: 1_700_000_000_000, message: 'a' }],
  };
  const control = { messageType: 'CONTROL_MESSAGE', logEvents: [] };
  expect(resultOf(gzipSync(JSON.stringify(data)), subscription)).toEqual(data);
  expect(resultOf(gzipSync(JSON.stringify(control)), subscription)).toEqual(control);
  expect(subscription.toData(control)).toBe(JSON.stringify(control));
});

describe('a payload of more than maxBytes', () => {
  test('is malformed, in one member or in many, however small it is compressed', () => {
    const tooLarge = /^too large: gzip of more than 1000 bytes, the maxBytes of gunzip/u;
    expect(resultOf(gzipSync('a'.repeat(1000)))).toBe('a'.repeat(1000));
    expect(resultOf(gzipSync('a'.repeat(1001)))).toMatch(tooLarge);
    expect(resultOf(Buffer.concat([gzipSync('a'.repeat(600)), gzipSync('b'.repeat(600))]))).toMatch(tooLarge);
    expect(resultOf(gzipSync(Buffer.alloc(64 * 1024 * 1024)), gunzip(bytes()))).toMatch(/^too large/u);
  });

  test('is not written either', () => {
    expect(() => packedText.encode('ä'.repeat(501))).toThrow('1002 bytes is too large: gunzip reads at most 1000');
    expect(resultOf(packedText.encode('ä'.repeat(500)))).toBe('ä'.repeat(500));
  });

  test.each([0, -1, 1.5, Number.NaN, Infinity])('maxBytes of %s is refused', (maxBytes) => {
    expect(() => gunzip(text(), { maxBytes })).toThrow(
      `maxBytes must be a whole number of bytes from 1, got ${maxBytes}`,
    );
  });
});

describe('what is malformed', () => {
  const member = gzipSync('a,b');

  test.each([
    [
      'plain JSON',
      Buffer.from('{"a":1}'),
      'not gzip: begins with 7b22 and not with 1f8b; if it is not compressed, use the codec without gunzip',
    ],
    ['nothing', new Uint8Array(), 'not gzip: the payload is empty'],
    ['the magic number alone', member.subarray(0, 2), 'damaged gzip: cut off before its end'],
    [
      'a second member cut off',
      Buffer.concat([member, member.subarray(0, 12)]),
      'damaged gzip: cut off before its end',
    ],
    ['garbage after the last member', Buffer.concat([member, Buffer.from('a')]), /^damaged gzip: /u],
    [
      'garbage after padding',
      Buffer.concat([member, Uint8Array.of(0, 0, 1)]),
      /^damaged gzip: something else follows/u,
    ],
    [
      'a wrong checksum',
      Buffer.concat([member.subarray(0, -8), Buffer.alloc(4), member.subarray(-4)]),
      /^damaged gzip: .*incorrect data check/u,
    ],
    ['gzip of what the codec refuses', gzipSync(Uint8Array.of(0xfc)), /^not UTF-8/u],
    ['gzip in gzip', gzipSync(gzipSync('a')), /^not UTF-8 .*use gunzip\(text\(\)\)$/u],
  ])('%s', (_what, payload, reason) => {
    expect(resultOf(payload)).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason));
  });

  test('each beginning of a payload', () => {
    for (const at of member.keys()) expect(packedText.decode(member.subarray(0, at)).kind).toBe('malformed');
  });

  test('any bytes, without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (tail) => {
        expect(['value', 'malformed']).toContain(packedText.decode(Buffer.from([0x1f, 0x8b, 8, 0, ...tail])).kind);
      }),
      { numRuns: 2000 },
    );
  });
});

test('zeros after the last member are padding', () => {
  expect(resultOf(Buffer.concat([gzipSync('a'), Buffer.alloc(10)]))).toBe('a');
});

test('the bytes do not say when or on which system they were written', () => {
  expect([...packedText.encode('a').subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
});

test('it is prepared by preparing what it wraps, and only if that wants it', async () => {
  let prepared = 0;
  const prepare = (): Promise<void> => {
    prepared += 1;
    return Promise.resolve();
  };
  await gunzip({ ...text(), prepare }).prepare?.();
  expect([prepared, 'prepare' in gunzip(text())]).toEqual([1, false]);
});
