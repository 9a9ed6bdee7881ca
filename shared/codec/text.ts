import { malformed, type Codec, type Decoded } from './codec.ts';
import { parseJson } from './json.ts';
import { bytesOf, exactTextOf, notUtf8 } from './text-bytes.ts';

/**
 * Plain UTF-8 text, one line or document a record. Text comes back character by character, a byte order mark too; bytes that
 * are not UTF-8 are malformed, never replaced. Half of a surrogate pair is no text, because UTF-8 cannot carry it.
 *
 * @example
 * ```ts
 * text().fromText('"a,b,c"'); // { kind: 'value', value: 'a,b,c' }
 * text().toData('say "hi"'); // '"say \\"hi\\""'
 * ```
 */
export const text = (): Codec<string> => ({
  contentType: 'text/plain',
  dataMember: 'data',
  decode: (payload) => {
    const value = exactTextOf(payload);
    return value === undefined ? notUtf8(payload, 'text()') : { kind: 'value', value };
  },
  encode: (value) => bytesOf(checked(value)),
  fromText: (data) => {
    const parsed = parseJson(data);
    return parsed.kind === 'value' ? textIn(parsed.value) : parsed;
  },
  fromData: (data) => textIn(data),
  toData: (value) => JSON.stringify(checked(value)),
});

const textIn = (data: unknown): Decoded<string> => {
  if (typeof data !== 'string') return malformed('not a text');
  return data.isWellFormed() ? { kind: 'value', value: data } : notUtf8(data, 'text()');
};

const checked = (value: unknown): string => {
  const decoded = textIn(value);
  if (decoded.kind === 'value') return decoded.value;
  throw new RangeError(`${decoded.reason}: got ${typeof value === 'string' ? JSON.stringify(value) : typeof value}`);
};
