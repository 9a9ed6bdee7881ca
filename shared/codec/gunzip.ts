import { gunzipSync, gzipSync } from 'node:zlib';
import { malformed, type Codec, type Decoded } from './codec.ts';
import { asBuffer, bytesOf, isGzip } from './text-bytes.ts';

/** How {@link gunzip} reads. */
export interface GunzipOptions {
  /**
   * Max bytes of a payload after decompression: 1 MiB of gzip can hold 1 GiB of zeros, and more than this is malformed. Memory
   * for one payload stays below twice as much.
   *
   * @default 10 MiB
   */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 10 * 1024 * 1024;

/**
 * What `codec` reads, compressed with gzip, as CloudWatch Logs sends its subscriptions to Kinesis and as many producers do.
 * Several gzip members after one another are one payload, and zeros after the last are padding; a member that is cut off,
 * damaged or followed by anything else is malformed. Between processors the value travels as that of `codec`, uncompressed.
 *
 * @example
 * ```ts ignore
 * const logs = stream('logs', { codec: gunzip(json('log events', isLogEvents)), partitionKey: ({ logGroup }) => logGroup });
 * ```
 */
export const gunzip = <Value>(
  codec: Codec<Value>,
  { maxBytes = DEFAULT_MAX_BYTES }: GunzipOptions = {},
): Codec<Value> => {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
    throw new RangeError(`maxBytes must be a whole number of bytes from 1, got ${String(maxBytes)}`);
  }
  return {
    ...(codec.prepare !== undefined && { prepare: async () => codec.prepare?.() }),
    contentType: 'application/gzip',
    dataMember: codec.dataMember,
    decode: (payload) => {
      const inflated = inflate(typeof payload === 'string' ? bytesOf(payload) : payload, maxBytes);
      return inflated.kind === 'value' ? codec.decode(inflated.value) : inflated;
    },
    encode: (value) => {
      const encoded = codec.encode(value);
      if (encoded.length <= maxBytes) return deflate(encoded);
      throw new RangeError(
        `a value of ${String(encoded.length)} bytes is too large: gunzip reads at most ${String(maxBytes)} (maxBytes)`,
      );
    },
    fromText: (data) => codec.fromText(data),
    fromData: (data) => codec.fromData(data),
    toData: (value) => codec.toData(value),
  };
};

const inflate = (payload: Uint8Array, maxBytes: number): Decoded<Uint8Array> => {
  if (!isGzip(payload)) {
    const start = asBuffer(payload).toString('hex', 0, 2);
    return malformed(
      payload.length === 0
        ? 'not gzip: the payload is empty'
        : `not gzip: begins with ${start} and not with 1f8b; if it is not compressed, use the codec without gunzip`,
    );
  }
  try {
    const inflated: unknown = gunzipSync(payload, {
      info: true,
      maxOutputLength: maxBytes,
      // Zlib's own 16 KiB cost three times what inflating a small payload does.
      chunkSize: Math.min(Math.max(MIN_CHUNK_BYTES, payload.length * 4), MAX_CHUNK_BYTES),
    });
    if (!isInflated(inflated)) return malformed('damaged gzip');
    const { buffer, engine } = inflated;
    if (payload.subarray(engine.bytesWritten).every((byte) => byte === 0)) return { kind: 'value', value: buffer };
    return malformed('damaged gzip: something else follows the last member');
  } catch (error) {
    return malformed(reasonOf(error, maxBytes));
  }
};

const MIN_CHUNK_BYTES = 1024;
const MAX_CHUNK_BYTES = 64 * 1024;

/** What zlib answers to `info`; its types do not say so. */
interface Inflated {
  readonly buffer: Uint8Array;
  /** `bytesWritten`: bytes of the input that were read, up to the end of the last member. */
  readonly engine: { readonly bytesWritten: number };
}

const isInflated = (value: unknown): value is Inflated =>
  typeof value === 'object' && value !== null && 'engine' in value && 'buffer' in value;

const reasonOf = (error: unknown, maxBytes: number): string => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ERR_BUFFER_TOO_LARGE') {
    return `too large: gzip of more than ${String(maxBytes)} bytes, the maxBytes of gunzip(codec, { maxBytes })`;
  }
  if (code === 'Z_BUF_ERROR') return 'damaged gzip: cut off before its end';
  return `damaged gzip: ${String(error)}`;
};

/** The same bytes for the same input on every system: zlib would write which one it is. */
const deflate = (bytes: Uint8Array): Uint8Array => {
  const member = gzipSync(bytes);
  member[OS_AT] = UNKNOWN_OS;
  return member;
};

const OS_AT = 9;
const UNKNOWN_OS = 255;
