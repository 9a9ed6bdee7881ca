import assert from 'node:assert/strict';
import type { Codec, Decoded } from '../codec/codec.ts';
import { bytesOf, exactTextOf } from '../codec/text-bytes.ts';
import type { ContractRule } from './state-store-rule.ts';

/** A codec, and what its rules are tried with. */
export interface CodecUnderTest {
  readonly codec: Codec<unknown>;
  /** Values that it carries; at least two, each different from the others. */
  readonly values: readonly unknown[];
  /** Payloads that are not of its format; empty if every payload is. */
  readonly malformed: readonly (Uint8Array | string)[];
  /** What it cannot write, because reading would not give it back. */
  readonly unwritable: readonly unknown[];
}

const rule = (
  text: string,
  check: (subject: CodecUnderTest) => void | Promise<void>,
): ContractRule<CodecUnderTest> => ({
  rule: text,
  check: async (subject) => {
    await subject.codec.prepare?.();
    await check(subject);
  },
});

/** The rules of {@link Codec}. */
export const codecContract: readonly ContractRule<CodecUnderTest>[] = [
  rule('at least two values are tried, or the other rules would say little', ({ values }) => {
    assert.ok(values.length >= 2);
  }),
  rule('a value comes back from its bytes', ({ codec, values }) => {
    for (const value of values) assert.deepEqual(reread(codec, value), value);
  }),
  rule('a value comes back from its JSON, as text and parsed', ({ codec, values }) => {
    for (const value of values) {
      const data = codec.toData(value);
      assert.deepEqual(valueIn(codec.fromText(data)), value);
      assert.deepEqual(valueIn(codec.fromData(JSON.parse(data))), value);
    }
  }),
  rule('two values never have the same bytes or the same JSON', ({ codec, values }) => {
    const bytes = new Set(values.map((value) => Buffer.from(codec.encode(value)).toString('hex')));
    const texts = new Set(values.map((value) => codec.toData(value)));
    assert.deepEqual([bytes.size, texts.size], [values.length, values.length]);
  }),
  rule('writing a value twice gives the same, and so does writing what was read', ({ codec, values }) => {
    for (const value of values) {
      const [bytes, data] = [codec.encode(value), codec.toData(value)];
      assert.deepEqual([codec.encode(value), codec.toData(value)], [bytes, data]);
      const read = valueIn(codec.decode(bytes));
      assert.deepEqual([asHex(codec.encode(read)), codec.toData(read)], [asHex(bytes), data]);
    }
  }),
  rule('reading leaves the payload as it was', ({ codec, values, malformed }) => {
    for (const payload of [...values.map((value) => codec.encode(value)), ...malformed]) {
      if (typeof payload === 'string') continue;
      const before = asHex(payload);
      codec.decode(payload);
      assert.equal(asHex(payload), before);
    }
  }),
  rule(
    'a payload is read the same as bytes, as part of a larger memory, and as text',
    ({ codec, values, malformed }) => {
      for (const payload of [...values.map((value) => codec.encode(value)), ...malformed]) {
        const bytes = typeof payload === 'string' ? bytesOf(payload) : payload;
        const decoded = codec.decode(bytes);
        const larger = new Uint8Array(bytes.length + 16).fill(0x20);
        larger.set(bytes, 8);
        assert.deepEqual(codec.decode(larger.subarray(8, 8 + bytes.length)), decoded);
        assert.deepEqual(codec.decode(Buffer.from(bytes)), decoded);
        const text = exactTextOf(bytes);
        if (text !== undefined) assert.deepEqual(codec.decode(text), decoded);
      }
    },
  ),
  rule('JSON of a value is one line; with data_base64 it is base64 with padding', ({ codec, values }) => {
    for (const value of values) {
      const data = codec.toData(value);
      assert.doesNotMatch(data, /[\n\r]/u);
      if (codec.dataMember === 'data_base64') {
        assert.match(data, /^"(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?"$/u);
      }
    }
  }),
  rule('a payload of another format is malformed, with a reason', ({ codec, malformed }) => {
    for (const payload of malformed) assert.notEqual(reasonOf(codec.decode(payload)), '');
  }),
  rule('any damage is malformed or another value, which can be written; it never throws', ({ codec, values }) => {
    for (const value of values) {
      for (const damaged of damages(codec.encode(value))) {
        const decoded = codec.decode(damaged);
        if (decoded.kind === 'malformed') assert.notEqual(decoded.reason, '');
        else assert.equal(asHex(codec.encode(reread(codec, decoded.value))), asHex(codec.encode(decoded.value)));
      }
    }
  }),
  rule('JSON of any other shape is malformed or a value, which can be written; it never throws', ({ codec }) => {
    for (const data of OTHER_DATA) {
      const decoded = codec.fromData(data);
      assert.deepEqual(codec.fromText(JSON.stringify(data)), decoded);
      if (decoded.kind === 'malformed') assert.notEqual(decoded.reason, '');
      else
        assert.equal(codec.toData(valueIn(codec.fromText(codec.toData(decoded.value)))), codec.toData(decoded.value));
    }
  }),
  rule('text that is not JSON is malformed', ({ codec, values }) => {
    for (const text of ['', ' ', '{', '"', 'undefined', 'NaN', "'a'", '[1,]', '"\n"']) {
      assert.notEqual(reasonOf(codec.fromText(text)), '');
    }
    for (const value of values) assert.notEqual(reasonOf(codec.fromText(`${codec.toData(value)}}`)), '');
  }),
  rule('what reading would not give back is refused by writing, as a RangeError', ({ codec, unwritable }) => {
    for (const value of unwritable) {
      assert.throws(() => codec.encode(value), RangeError);
      assert.throws(() => codec.toData(value), RangeError);
    }
  }),
  rule('preparing twice does no harm', async ({ codec, values }) => {
    await Promise.all([codec.prepare?.(), codec.prepare?.()]);
    for (const value of values) assert.deepEqual(reread(codec, value), value);
  }),
];

const valueIn = (decoded: Decoded<unknown>): unknown => {
  assert.ok(decoded.kind === 'value', decoded.kind === 'malformed' ? decoded.reason : '');
  return decoded.value;
};

const reread = (codec: Codec<unknown>, value: unknown): unknown => valueIn(codec.decode(codec.encode(value)));

const reasonOf = (decoded: Decoded<unknown>): string => {
  assert.ok(decoded.kind === 'malformed', 'a value was read from what is malformed');
  return decoded.reason;
};

const asHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const MAX_DAMAGED_BYTES = 64;

/** Cut off at each place, one byte changed at each place, doubled, and with something appended. */
const damages = (bytes: Uint8Array): readonly Uint8Array[] => {
  const places = [...bytes.subarray(0, MAX_DAMAGED_BYTES).keys()];
  return [
    ...places.map((at) => bytes.slice(0, at)),
    ...places.flatMap((at) =>
      [0x01, 0x80, 0xff].map((mask) => bytes.map((byte, i) => (i === at ? byte ^ mask : byte))),
    ),
    Buffer.concat([bytes, bytes]),
    Buffer.concat([bytes, Uint8Array.of(0)]),
    Buffer.concat([bytes, Uint8Array.of(0xff)]),
  ];
};

const OTHER_DATA: readonly unknown[] = [
  null,
  true,
  0,
  -1.5,
  1e21,
  '',
  'AQID',
  'AQI',
  '%',
  [],
  [null],
  [[0]],
  {},
  { a: null },
  { toString: 1, valueOf: 2, length: -1 },
];
