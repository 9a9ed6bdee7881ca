import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { InputError, inputErrorOf } from './user-error.ts';

/** A file that is open for reading; close it by leaving the scope of an `await using`. */
export interface OpenInput extends AsyncDisposable {
  readonly handle: FileHandle;
  readonly compression: 'none' | 'gzip';
  readonly sizeBytes: number;
}

/**
 * Opens a regular file that is plain or gzip, recognised by its first bytes.
 *
 * Rejects with an {@link InputError} where no such file exists, it may not be read, it is a folder, a pipe or a device (which
 * cannot be read again), or it is packed in another way.
 */
export const openInput = async (path: string): Promise<OpenInput> => {
  // Asked before opening, because opening a pipe would wait for its writer.
  const stats = await stat(path).catch((cause: unknown) => {
    throw inputErrorOf(path, cause);
  });
  if (stats.isDirectory()) throw new InputError(path, 'it is a folder', 'name a file in it');
  if (!stats.isFile()) throw new InputError(path, 'it is a pipe or a device', 'write the data to a file and name that');
  const handle = await open(path).catch((cause: unknown) => {
    throw inputErrorOf(path, cause);
  });
  try {
    return {
      handle,
      compression: await compressionIn(path, handle),
      sizeBytes: stats.size,
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
};

/** What comes through a pipe, once. */
export interface OpenPipe {
  readonly bytes: AsyncIterable<Buffer>;
  readonly compression: 'none' | 'gzip';
}

/** How standard input is named where a file may be. */
export const STANDARD_INPUT = '-';

/** Whether a path is standard input, a pipe or a device, which can be read once only. */
export const isPipe = async (path: string): Promise<boolean> => {
  if (path === STANDARD_INPUT) return true;
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
};

/** Opens a pipe, or standard input as `-`. Rejects with an {@link InputError} where it is packed in a way that is not read here. */
export const openPipe = async (path: string): Promise<OpenPipe> => {
  const stream: AsyncIterable<Buffer> = path === STANDARD_INPUT ? process.stdin : createReadStream(path);
  const source = stream[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let firstBytes = 0;
  while (firstBytes < COMPRESSION_HEAD_BYTES) {
    const next = await source.next().catch((cause: unknown) => {
      throw inputErrorOf(path, cause);
    });
    if (next.done === true) break;
    first.push(next.value);
    firstBytes += next.value.length;
  }
  const head = Buffer.concat(first);
  const bytes = async function* (): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head;
    yield* { [Symbol.asyncIterator]: () => source };
  };
  return { bytes: bytes(), compression: knownCompression(path, head) };
};

const compressionIn = async (path: string, handle: FileHandle): Promise<'none' | 'gzip'> => {
  const head = Buffer.alloc(COMPRESSION_HEAD_BYTES);
  const { bytesRead } = await handle.read(head, 0, head.length, 0).catch((cause: unknown) => {
    throw inputErrorOf(path, cause);
  });
  return knownCompression(path, head.subarray(0, bytesRead));
};

const knownCompression = (path: string, head: Uint8Array): 'none' | 'gzip' => {
  const compression = compressionOf(head);
  if (compression.kind !== 'foreign') return compression.kind;
  const { format, unpackWith } = compression;
  throw new InputError(
    path,
    `it is packed with ${format}, and only plain text and gzip are read`,
    `unpack it first (${unpackWith})`,
  );
};

/** How the bytes of a file are packed, recognised by its first bytes; never by its name. */
type Compression =
  | { readonly kind: 'none' }
  | { readonly kind: 'gzip' }
  /** Known by its first bytes, but not read here. */
  | { readonly kind: 'foreign'; readonly format: string; readonly unpackWith: string };

/** As many first bytes as {@link compressionOf} looks at. */
const COMPRESSION_HEAD_BYTES = 10;

const FOREIGN = [
  { format: 'zip', unpackWith: 'unzip', magic: [0x50, 0x4b, 0x03, 0x04] },
  { format: 'zstd', unpackWith: 'zstd -d', magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { format: 'xz', unpackWith: 'xz -dk', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { format: '7z', unpackWith: '7z x', magic: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c] },
  { format: 'lz4', unpackWith: 'lz4 -d', magic: [0x04, 0x22, 0x4d, 0x18] },
  { format: 'compress (.Z)', unpackWith: 'uncompress -k', magic: [0x1f, 0x9d] },
] as const;

const GZIP = [0x1f, 0x8b] as const;

// `BZh`, a level, and the start of the first block or, without one, of the trailer: `BZh` alone could be text.
const BZIP2 = [0x42, 0x5a, 0x68] as const;
const BZIP2_AFTER_LEVEL = [
  [0x31, 0x41, 0x59, 0x26, 0x53, 0x59],
  [0x17, 0x72, 0x45, 0x38, 0x50, 0x90],
] as const;

/** What the first bytes of a file say; at least {@link COMPRESSION_HEAD_BYTES} of them, or the whole of a shorter file. */
const compressionOf = (head: Uint8Array): Compression => {
  const has = (magic: readonly number[], at = 0): boolean => magic.every((byte, index) => head[at + index] === byte);
  if (has(GZIP)) return { kind: 'gzip' };
  if (has(BZIP2) && BZIP2_AFTER_LEVEL.some((magic) => has(magic, 4))) {
    return { kind: 'foreign', format: 'bzip2', unpackWith: 'bunzip2 -k' };
  }
  const foreign = FOREIGN.find(({ magic }) => has(magic));
  return foreign === undefined
    ? { kind: 'none' }
    : { kind: 'foreign', format: foreign.format, unpackWith: foreign.unpackWith };
};
