import { createGunzip } from 'node:zlib';

/** What came out of the decompressor for what was put in. */
type Inflated =
  | { readonly kind: 'ok'; readonly outputs: readonly Buffer[] }
  /** `outputs` came out before the damage was seen; the decompressor takes nothing more. */
  | { readonly kind: 'damaged'; readonly outputs: readonly Buffer[]; readonly reason: string };

/** A gzip decompressor that is fed piece by piece; one member after the other, as `cat a.gz b.gz` makes them. */
export interface Inflater extends Disposable {
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
export const inflater = (): Inflater => {
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
