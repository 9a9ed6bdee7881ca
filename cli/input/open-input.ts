import { type FileHandle, open, stat } from 'node:fs/promises';
import { COMPRESSION_HEAD_BYTES, compressionOf } from './compression.ts';
import { InputError, inputErrorOf } from './input-error.ts';

/** A file that is open for reading; close it by leaving the scope of an `await using`. */
export interface OpenInput extends AsyncDisposable {
  readonly handle: FileHandle;
  readonly compression: 'none' | 'gzip';
  readonly sizeBytes: number;
}

/**
 * Opens a regular file that is plain or gzip, told by its first bytes.
 *
 * Rejects with an {@link InputError} where there is no such file, it may not be read, it is a folder, a pipe or a device (a run
 * that is resumed reads its input again), or it is packed in another way.
 */
export const openInput = async (path: string): Promise<OpenInput> => {
  // Asked before opening, because opening a pipe would wait for its writer.
  const stats = await stat(path).catch((cause: unknown) => {
    throw inputErrorOf(path, cause);
  });
  if (stats.isDirectory()) throw new InputError(path, 'it is a folder', 'name the files in it');
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

const compressionIn = async (path: string, handle: FileHandle): Promise<'none' | 'gzip'> => {
  const head = Buffer.alloc(COMPRESSION_HEAD_BYTES);
  const { bytesRead } = await handle.read(head, 0, head.length, 0).catch((cause: unknown) => {
    throw inputErrorOf(path, cause);
  });
  const compression = compressionOf(head.subarray(0, bytesRead));
  if (compression.kind !== 'foreign') return compression.kind;
  const { format, unpackWith } = compression;
  throw new InputError(
    path,
    `it is packed with ${format}, and only plain text and gzip are read`,
    `unpack it first (${unpackWith})`,
  );
};
