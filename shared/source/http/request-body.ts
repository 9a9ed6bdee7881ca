import type { IncomingMessage } from 'node:http';
import { exactTextOf, notUtf8 } from '../../codec/text-bytes.ts';
import type { PlainBytes } from '../file-bytes.ts';
import { GZIP_PIECE_BYTES, gunzipBytes } from '../gunzip-bytes.ts';
import { refusal, type Refusal } from './refusal.ts';

/** How much of bodies is held in memory. */
export interface BodyLimits {
  /** Max bytes of one body, inflated. */
  readonly maxBodyBytes: number;
  /** Max bytes of all bodies that are being read. */
  readonly maxHeldBytes: number;
}

/** A body, or why it is not taken. `gone`: the client has left in the middle of it. */
type Body = { readonly kind: 'body'; readonly text: string } | { readonly kind: 'gone' } | Refusal;

/** Reads the bodies of one server. */
export interface BodyReader {
  /** What the head of a request rules out already. */
  checkHead(request: IncomingMessage): Refusal | undefined;
  read(request: IncomingMessage): Promise<Body>;
}

/** Seconds until a client should come again. */
export const RETRY_AFTER = { 'retry-after': '1' } as const;

/** Makes a reader; nothing above a limit is ever held. */
export const bodyReader = ({ maxBodyBytes, maxHeldBytes }: BodyLimits): BodyReader => {
  let heldBytes = 0;
  const tooLarge = (): Refusal =>
    refusal(
      413,
      `the body is larger than ${String(maxBodyBytes)} bytes, unpacked; send its records in several requests`,
      {
        maxBodyBytes,
      },
    );

  const read = async (request: IncomingMessage): Promise<Body> => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const one of contentOf(request)) {
        if (one.kind === 'damaged') return refusal(400, `the body is not gzip: ${one.reason}; compress it again`);
        if (bytes + one.bytes.length > maxBodyBytes) return tooLarge();
        if (heldBytes + one.bytes.length > maxHeldBytes) {
          return refusal(429, 'too many bodies are being sent at a time; send this one again later', {}, RETRY_AFTER);
        }
        bytes += one.bytes.length;
        heldBytes += one.bytes.length;
        pieces.push(Buffer.from(one.bytes));
      }
    } catch (error) {
      if (request.complete) throw error;
      return { kind: 'gone' };
    } finally {
      heldBytes -= bytes;
    }
    if (!request.complete) return { kind: 'gone' };
    const whole = Buffer.concat(pieces);
    const text = exactTextOf(whole);
    if (text !== undefined) return { kind: 'body', text };
    const { reason } = notUtf8(whole, 'Content-Encoding');
    return refusal(400, `the body is ${reason}`);
  };

  return {
    checkHead: ({ headers }) => {
      const encoding = encodingOf(headers['content-encoding']);
      if (encoding !== 'identity' && encoding !== 'gzip') {
        const detail = `Content-Encoding '${encoding.slice(0, 100)}' is not read; send gzip or none`;
        return refusal(415, detail, { allowed: ['gzip', 'identity'] }, { 'accept-encoding': 'gzip, identity' });
      }
      return Number(headers['content-length'] ?? 0) > maxBodyBytes ? tooLarge() : undefined;
    },
    read,
  };
};

const encodingOf = (header: string | undefined): string => {
  const encoding = (header ?? 'identity').trim().toLowerCase();
  return encoding === 'x-gzip' ? 'gzip' : encoding;
};

const contentOf = (request: IncomingMessage): ReturnType<typeof gunzipBytes> =>
  encodingOf(request.headers['content-encoding']) === 'gzip' ? gunzipBytes(piecesOf(request)) : piecesOf(request);

/** Small pieces, for a few compressed bytes may become many. Not destroyed when left early: the answer is still to be sent. */
const piecesOf = async function* (request: IncomingMessage): AsyncGenerator<PlainBytes> {
  let positionBytes = 0;
  const chunks: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += GZIP_PIECE_BYTES) {
      const bytes = chunk.subarray(from, from + GZIP_PIECE_BYTES);
      positionBytes += bytes.length;
      yield { kind: 'bytes', bytes, positionBytes };
    }
  }
};
