import { malformed, type Codec, type Decoded } from './codec.ts';
import { parseJson } from './json.ts';
import { asBuffer, bytesOf } from './text-bytes.ts';

/**
 * Bytes as they are, for formats that a step reads itself. In an envelope they are base64, which is a third longer.
 *
 * A value that was read is a view of the record's memory, not a copy: it must not be written to.
 *
 * @example
 * ```ts
 * bytes().toData(Uint8Array.of(1, 2, 3)); // '"AQID"'
 * bytes().fromText('"AQID"'); // { kind: 'value', value: Uint8Array.of(1, 2, 3) }
 * ```
 */
export const bytes = (): Codec<Uint8Array> => ({
  contentType: 'application/octet-stream',
  dataMember: 'data_base64',
  decode: (payload) => ({ kind: 'value', value: typeof payload === 'string' ? bytesOf(payload) : plainView(payload) }),
  encode: (value) => checked(value),
  fromText: (data) => {
    const parsed = parseJson(data);
    return parsed.kind === 'value' ? bytesIn(parsed.value) : parsed;
  },
  fromData: (data) => bytesIn(data),
  toData: (value) => `"${asBuffer(checked(value)).toString('base64')}"`,
});

/** Not a Buffer, whose `slice` and `toString` differ: a step must not notice how its record has travelled. */
const plainView = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const bytesIn = (data: unknown): Decoded<Uint8Array> => {
  if (typeof data !== 'string') return malformed('not base64: the member data_base64 must be a text');
  const decoded = Buffer.from(data, 'base64');
  // Buffer steps over what is not base64, which would give one value to many texts.
  if (decoded.toString('base64') !== data) return malformed('not base64, as RFC 4648 has it, with padding');
  return { kind: 'value', value: plainView(decoded) };
};

const checked = (value: unknown): Uint8Array => {
  if (value instanceof Uint8Array) return value;
  throw new RangeError(`not bytes: a value of the codec bytes() must be a Uint8Array, got ${typeof value}`);
};
