import { describe, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { bytes } from '../../shared/codec/bytes.ts';
import { gunzip } from '../../shared/codec/gunzip.ts';
import { json } from '../../shared/codec/json.ts';
import { text } from '../../shared/codec/text.ts';
import { codecContract, type CodecUnderTest } from '../../shared/testing/codec-contract.ts';

interface Reading {
  readonly station: string;
  readonly values: readonly number[];
  readonly note?: string | undefined;
}

const isReading = (value: unknown): value is Reading =>
  typeof value === 'object' &&
  value !== null &&
  'station' in value &&
  typeof value.station === 'string' &&
  'values' in value &&
  Array.isArray(value.values) &&
  value.values.every((one) => typeof one === 'number');

const LATIN_1 = Buffer.from('{"station":"Zürich","values":[]}', 'latin1');
const UTF_16 = Buffer.from('\ufeff{"station":"a","values":[]}', 'utf16le');
const GZIP = gzipSync('{"station":"a","values":[]}');

const readings: CodecUnderTest = {
  codec: json('reading', isReading),
  values: [
    { station: '', values: [] },
    { station: 'Zürich \u{1F32A} " \\ \n \u2028 \ufffd \0', values: [1, -2.5, 1e21, 2 ** 53 + 2, 2 ** 60, 5e-324] },
    { station: 'half of a pair: \ud800', values: [0.1], note: 'wet' },
  ],
  malformed: [
    LATIN_1,
    UTF_16,
    GZIP,
    '',
    '{',
    'null',
    '{"station":1,"values":[]}',
    '{"station":"a","values":[12345678901234567890]}',
  ],
  unwritable: [
    undefined,
    null,
    { station: 'a' },
    { station: 'a', values: [Number.NaN] },
    { station: 'a', values: [], at: new Date(0) },
    { station: 'a', values: [], open: new Map() },
  ],
};

const codecs: Readonly<Record<string, CodecUnderTest>> = {
  'json()': readings,
  "json() with bigints: 'text'": {
    codec: json('id', (value): value is unknown => value !== null, { bigints: 'text' }),
    values: [1, '12345678901234567890', [-1, '-12345678901234567890'], { id: '9007199254740993', at: 0.1 }],
    malformed: [LATIN_1, UTF_16, GZIP, 'null', '12345678901234567890:', '{12345678901234567890:1}'],
    unwritable: [undefined, 12345678901234567890n, { id: 1n }],
  },
  'text()': {
    codec: text(),
    values: ['', 'a,b,c', '\ufeffa', 'Zürich \u{1F32A} " \\ \r\n \u2028 \ufffd \0'],
    malformed: [LATIN_1, UTF_16, GZIP, Uint8Array.of(0xed, 0xa0, 0x80), '\ud800'],
    unwritable: [undefined, 1, {}, 'half of a pair: \udc00'],
  },
  'bytes()': {
    codec: bytes(),
    values: [
      new Uint8Array(),
      Uint8Array.of(0),
      Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2),
      new Uint8Array(1000).fill(0xff),
    ],
    malformed: [],
    unwritable: [undefined, 'AQID', [1, 2], new ArrayBuffer(4), new Uint16Array(2)],
  },
  'gunzip(json())': {
    ...readings,
    codec: gunzip(readings.codec),
    malformed: [
      '',
      '{"station":"a","values":[]}',
      gzipSync(LATIN_1),
      gzipSync('null'),
      gzipSync(GZIP),
      GZIP.subarray(0, -1),
    ],
  },
  'gunzip(bytes())': {
    codec: gunzip(bytes(), { maxBytes: 1000 }),
    values: [new Uint8Array(), Uint8Array.of(1, 2, 3), new Uint8Array(1000)],
    malformed: [Uint8Array.of(1, 2, 3), GZIP.subarray(0, 5), gzipSync(new Uint8Array(1001))],
    unwritable: [undefined, 'AQID'],
  },
};

describe.each(Object.entries(codecs))('%s', (_name, subject) => {
  test.each(codecContract)('$rule', async ({ check }) => {
    await check(subject);
  });
});
