import { createGunzip } from 'node:zlib';
import type { FileBytes, PlainBytes } from './file-bytes.ts';

/** Bytes of each piece that {@link gunzipBytes} is given: one compressed byte can become a thousand. */
export const GZIP_PIECE_BYTES = 16_384;

/**
 * Unpacks gzip data of one or more members and gives its text as far as it goes, then, where it is truncated or corrupt, the damage.
 *
 * Zero bytes after the last member are padding; anything else after it is damage, and is reported. `again` reads the same pieces
 * anew, to get what a damaged piece held before its damage; without it the text of that piece is lost.
 */
export const gunzipBytes = async function* (
  pieces: AsyncIterable<PlainBytes>,
  again?: () => AsyncIterable<PlainBytes>,
): AsyncGenerator<FileBytes> {
  using gunzip = inflater();
  let givenBytes = 0;
  for await (const { bytes, positionBytes } of pieces) {
    const pieceAt = positionBytes - bytes.length;
    if (gunzip.bytesTaken < pieceAt) {
      if (isPadding(bytes)) continue;
      yield { kind: 'damaged', reason: NOT_GZIP };
      return;
    }
    const inflated = await gunzip.feed(bytes);
    for (const output of inflated.outputs) {
      givenBytes += output.length;
      yield { kind: 'bytes', bytes: output, positionBytes };
    }
    if (inflated.kind === 'damaged') {
      const outputs = again === undefined ? [] : await outputsBeforeDamage(again(), pieceAt, givenBytes);
      for (const output of outputs) yield { kind: 'bytes', bytes: output, positionBytes };
      yield { kind: 'damaged', reason: inflated.reason };
      return;
    }
    if (!isPadding(bytes.subarray(gunzip.bytesTaken - pieceAt))) {
      yield { kind: 'damaged', reason: NOT_GZIP };
      return;
    }
  }
  const last = await gunzip.finish();
  for (const output of last.outputs) yield { kind: 'bytes', bytes: output, positionBytes: gunzip.bytesTaken };
  if (last.kind === 'damaged') yield { kind: 'damaged', reason: last.reason };
};

const NOT_GZIP = 'bytes that are not gzip follow the compressed data';

const isPadding = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0);

/**
 * What a damaged piece still held before its damage, apart from the first `givenBytes` of the whole text.
 *
 * The decompressor drops the output of the piece in which it finds damage. So the file is read again up to that piece, and the piece is
 * fed byte by byte: then what is dropped is the output of one byte, which is none.
 */
const outputsBeforeDamage = async (
  pieces: AsyncIterable<PlainBytes>,
  pieceAt: number,
  givenBytes: number,
): Promise<readonly Buffer[]> => {
  using gunzip = inflater();
  const outputs: Buffer[] = [];
  let textBytes = 0;
  for await (const { bytes, positionBytes } of pieces) {
    const isDamagedPiece = positionBytes > pieceAt;
    const stepBytes = isDamagedPiece ? 1 : bytes.length;
    for (let at = 0; at < bytes.length; at += stepBytes) {
      const inflated = await gunzip.feed(bytes.subarray(at, at + stepBytes));
      for (const output of inflated.outputs) {
        const isNewFrom = Math.max(0, givenBytes - textBytes);
        textBytes += output.length;
        if (isNewFrom < output.length) outputs.push(output.subarray(isNewFrom));
      }
      if (inflated.kind === 'damaged') return outputs;
    }
    if (isDamagedPiece) break;
  }
  return outputs;
};

/** What came out of the decompressor for what was put in. */
type Inflated =
  | { readonly kind: 'ok'; readonly outputs: readonly Buffer[] }
  /** `outputs` came out before the damage was seen; the decompressor takes nothing more. */
  | { readonly kind: 'damaged'; readonly outputs: readonly Buffer[]; readonly reason: string };

/** A gzip decompressor that is fed piece by piece; one member after the other, as `cat a.gz b.gz` makes them. */
interface Inflater extends Disposable {
  /** Compressed bytes taken in; fewer than were fed once the data has ended and padding follows. */
  readonly bytesTaken: number;
  feed(bytes: Buffer): Promise<Inflated>;
  /** Says that no bytes follow, which is damage unless a member ended with the last of them. */
  finish(): Promise<Inflated>;
}

const OUTPUT_BYTES = 65_536;

/**
 * Opens a decompressor.
 *
 * It is driven by hand and not by a pipe: a pipe that meets damage drops what came out of the last piece, and where a file
 * was cut off that is text the user can have.
 */
const inflater = (): Inflater => {
  const gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
  let outputs: Buffer[] = [];
  let damage: string | undefined;
  let wake = (): void => undefined;
  const noteDamage = (error: Error): void => {
    damage ??= error.message;
    wake();
  };
  gunzip.on('data', (bytes: Buffer) => outputs.push(bytes));
  gunzip.on('error', noteDamage);
  gunzip.on('end', () => wake());

  const step = async (act: (done: () => void) => void): Promise<Inflated> => {
    if (damage === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        act(resolve);
      });
    }
    const taken = outputs;
    outputs = [];
    return damage === undefined ? { kind: 'ok', outputs: taken } : { kind: 'damaged', outputs: taken, reason: damage };
  };

  return {
    get bytesTaken() {
      return gunzip.bytesWritten;
    },
    feed: (bytes) =>
      step((done) => {
        gunzip.write(bytes, (error) => (error ? noteDamage(error) : done()));
      }),
    finish: () =>
      step((done) => {
        if (gunzip.readableEnded) done();
        else gunzip.end();
      }),
    [Symbol.dispose]: () => {
      gunzip.destroy();
    },
  };
};
