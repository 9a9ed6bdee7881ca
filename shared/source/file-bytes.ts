import type { FileHandle } from 'node:fs/promises';

/** Some bytes of a file's content, or the news that no more can be had. */
export type FileBytes =
  /** `bytes` is only valid until the next item; `positionBytes` is how far the file on disk was read. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly positionBytes: number }
  | { readonly kind: 'damaged'; readonly reason: string };

/** Bytes as they are on disk. */
export type PlainBytes = Extract<FileBytes, { kind: 'bytes' }>;

export interface PlainBytesOptions {
  readonly pieceBytes: number;
  /** Size of the file, so that a small one gets a small buffer; the whole file is read even where it has grown. */
  readonly sizeBytes: number;
  /** Byte to begin with. @default 0 */
  readonly from?: number;
  /** Called with each piece as it is read. @default - not called */
  readonly onRead?: (bytes: Buffer) => void;
}

/** Reads a file in pieces of at most `pieceBytes`, each into the same buffer. */
export const plainBytes = async function* (
  handle: FileHandle,
  { pieceBytes, sizeBytes, from = 0, onRead }: PlainBytesOptions,
): AsyncGenerator<PlainBytes> {
  // One byte more than the file has, so that its end is found with the second read.
  const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, sizeBytes + 1));
  let positionBytes = from;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, positionBytes);
    if (bytesRead === 0) return;
    positionBytes += bytesRead;
    const bytes = buffer.subarray(0, bytesRead);
    onRead?.(bytes);
    yield { kind: 'bytes', bytes, positionBytes };
  }
};

/** Reads a pipe in pieces of exactly `pieceBytes`, but for the last one, however the bytes come; `pieceBytes` 0 takes them as they come. */
export const pipeBytes = async function* (pipe: AsyncIterable<Buffer>, pieceBytes: number): AsyncGenerator<PlainBytes> {
  let positionBytes = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;
  const piece = (bytes: Buffer): PlainBytes => {
    positionBytes += bytes.length;
    return { kind: 'bytes', bytes, positionBytes };
  };
  for await (const bytes of pipe) {
    held.push(bytes);
    heldBytes += bytes.length;
    if (heldBytes < pieceBytes) continue;
    const all = held.length === 1 ? bytes : Buffer.concat(held);
    const end = pieceBytes === 0 ? all.length : all.length - (all.length % pieceBytes);
    for (let at = 0; at < end; at += pieceBytes || end) yield piece(all.subarray(at, at + (pieceBytes || end)));
    held = end < all.length ? [all.subarray(end)] : [];
    heldBytes = all.length - end;
  }
  if (heldBytes > 0) yield piece(Buffer.concat(held));
};
