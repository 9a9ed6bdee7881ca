import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyReader, RETRY_AFTER } from './request-body.ts';
import { allowedTypes, checkType, readRecords, type HttpRecord, type HttpStream } from './read-records.ts';
import { PROBLEM_TYPE, problemText, refusal, type Refusal } from './refusal.ts';

/** Where a record is. */
export interface TakenAt {
  readonly shardId: string;
  readonly sequenceNumber: string;
}

/** What stands between HTTP and a pipeline. */
export interface Intake {
  /** Takes all records or none; resolves when they are kept, to their places in the same order. Rejects where the run is over. */
  take(stream: string, records: readonly HttpRecord[]): Promise<readonly TakenAt[]>;
  /** Records that were taken and are not processed yet. */
  waiting(): number;
}

/** What an {@link HttpSource} is made of. */
export interface HttpSourceOptions {
  /** Name of the pipeline, for `GET /`. */
  readonly pipeline: string;
  readonly streams: readonly HttpStream[];
  readonly intake: Intake;
  /** Address to listen on. @default '127.0.0.1' */
  readonly host?: string;
  /** 0 picks a free one. @default 0 */
  readonly port?: number;
  /** Max bytes of a body, inflated. @default 10000000 */
  readonly maxBodyBytes?: number;
  /** While as many records or more wait, nothing is taken. @default 10000 */
  readonly maxWaitingRecords?: number;
}

/** A source that other programs post records to. */
export interface HttpSource {
  /** `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no new request, answers those that are whole, and resolves when no connection is left. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 10_000_000;
const MAX_WAITING_RECORDS = 10_000;
/** Bodies of the maximum size that are held at a time. */
const BODIES_HELD = 10;
/** How long a client that was refused may go on sending, so that it sees the answer. */
const LINGER_MS = 1_000;
/** How long a client may take to send the rest of a body when the server ends. */
const CLOSE_MS = 2_000;

/** Starts to listen. Rejects with the system's error where the address cannot be had. */
export const httpSource = async (options: HttpSourceOptions): Promise<HttpSource> => {
  const { pipeline, intake, host = '127.0.0.1', port = 0 } = options;
  const { maxBodyBytes = MAX_BODY_BYTES, maxWaitingRecords = MAX_WAITING_RECORDS } = options;
  const streams = new Map(options.streams.map((one): [string, HttpStream] => [one.stream.name, one]));
  const bodies = bodyReader({ maxBodyBytes, maxHeldBytes: BODIES_HELD * maxBodyBytes });
  let isClosing = false;

  const overview = (): string =>
    `${JSON.stringify({
      pipeline,
      streams: [...streams].map(([name, one]) => ({
        name,
        post: `/streams/${encodeURIComponent(name)}`,
        accepts: allowedTypes(one),
      })),
      maxBodyBytes,
      maxWaitingRecords,
      waitingRecords: intake.waiting(),
    })}\n`;

  const checkWaiting = (): Refusal | undefined => {
    const waiting = intake.waiting();
    if (waiting < maxWaitingRecords) return undefined;
    const detail = `${String(waiting)} records wait to be processed, and nothing is taken from ${String(maxWaitingRecords)} on; send it again later`;
    return refusal(429, detail, { waitingRecords: waiting }, RETRY_AFTER);
  };

  const post = async (request: IncomingMessage, response: ServerResponse, name: string): Promise<Posted> => {
    const to = streams.get(name);
    if (to === undefined) {
      const sources = [...streams.keys()];
      const detail = `no stream '${name.slice(0, 128)}' takes records from outside; those that do are ${sources.join(', ')}`;
      return refusal(404, detail, { streams: sources });
    }
    const early = checkOrigin(request) ?? checkType(to, request.headers) ?? bodies.checkHead(request) ?? checkWaiting();
    if (early !== undefined) return early;
    if (request.headers.expect !== undefined) response.writeContinue();
    const body = await bodies.read(request);
    if (body.kind !== 'body') return body;
    const records = readRecords(to, request.headers, body.text);
    if ('kind' in records) return records;
    const late = checkWaiting() ?? (isClosing ? CLOSING : undefined);
    if (late !== undefined) return late;
    try {
      const places = await intake.take(name, records);
      return { kind: 'taken', text: `${JSON.stringify({ stream: name, records: places })}\n` };
    } catch {
      return refusal(503, 'the run has failed and nothing of this request was kept; see what the server says');
    }
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    const stream = /^\/streams\/([^/]+)\/?$/u.exec(path)?.[1];
    const allow = stream === undefined ? 'GET, HEAD' : 'POST';
    if (stream === undefined && path !== '/') {
      refuse(request, response, refusal(404, 'there is GET / and POST /streams/{stream}'));
    } else if (!allow.split(', ').includes(request.method ?? '')) {
      const detail = `${request.method ?? ''} is not allowed here; ${allow} is`;
      refuse(request, response, refusal(405, detail, {}, { allow }));
    } else if (stream === undefined) {
      send(response, 200, 'application/json', overview());
    } else {
      const posted = await post(request, response, decoded(stream));
      if (posted.kind === 'taken') send(response, 202, 'application/json', posted.text);
      else if (posted.kind === 'refused') refuse(request, response, posted);
      else request.destroy();
    }
  };

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (isClosing) response.setHeader('connection', 'close');
    answer(request, response).catch((error: unknown) => {
      const detail = `this should not have happened: ${error instanceof Error ? error.message : String(error)}`;
      if (response.headersSent) request.destroy();
      else refuse(request, response, refusal(500, detail));
    });
  };
  const server = createServer(handle);
  server.on('checkContinue', handle);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, resolve);
  });

  return {
    url: urlOf(server.address(), host),
    close: async () => {
      isClosing = true;
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      server.closeIdleConnections();
      const timer = setTimeout(() => {
        server.closeAllConnections();
      }, CLOSE_MS);
      await closed;
      clearTimeout(timer);
    },
  };
};

type Posted = Refusal | { readonly kind: 'gone' } | { readonly kind: 'taken'; readonly text: string };

const CLOSING = refusal(
  503,
  'the server is ending and nothing of this request was taken; send it again',
  {},
  RETRY_AFTER,
);

/** A page in a browser may post plain text to any address, also to one that only this machine can reach. */
const checkOrigin = ({ headers }: IncomingMessage): Refusal | undefined =>
  headers.origin === undefined
    ? undefined
    : refusal(403, 'requests of web pages (those with an Origin) are not taken; send them from a server');

const send = (
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text), ...headers });
  response.end(text);
};

/** Answers, and ends the connection where the rest of a body is still to come: it is not read. */
const refuse = (request: IncomingMessage, response: ServerResponse, why: Refusal): void => {
  if (!request.complete) {
    const timer = setTimeout(() => {
      request.destroy();
    }, LINGER_MS);
    request.once('close', () => {
      clearTimeout(timer);
    });
  }
  send(response, why.status, PROBLEM_TYPE, problemText(why), why.headers);
};

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

const urlOf = (address: AddressInfo | string | null, host: string): string => {
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
};
