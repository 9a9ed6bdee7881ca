import type { FileHandle } from 'node:fs/promises';

/** Some bytes of a file's content, or the news that no more can be had. */
export type FileBytes =
  /** `bytes` is only valid until the next item; `positionBytes` is how far the file on disk was read. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly positionBytes: number }
  | { readonly kind: 'damaged'; readonly reason: string };

/** Reads a file from its start, in pieces of at most `pieceBytes`, each into the same buffer. */
export const plainBytes = async function* (
  handle: FileHandle,
  pieceBytes: number,
): AsyncGenerator<FileBytes & { kind: 'bytes' }> {
  const buffer = Buffer.allocUnsafe(pieceBytes);
  let positionBytes = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, pieceBytes, positionBytes);
    if (bytesRead === 0) return;
    positionBytes += bytesRead;
    yield { kind: 'bytes', bytes: buffer.subarray(0, bytesRead), positionBytes };
  }
};
