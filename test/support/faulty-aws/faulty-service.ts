import { createServer, type IncomingMessage, type Server } from 'node:http';

/** What a request gets: an answer, or none at all. */
export type Reaction =
  | { readonly kind: 'answer'; readonly status: number; readonly contentType: string; readonly body: string }
  /** The connection is closed without an answer. */
  | { readonly kind: 'hang-up' }
  /** Nothing happens any more. */
  | { readonly kind: 'silence' };

/** A request, its body read. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly target: string;
  readonly body: string;
  readonly bytes: Uint8Array;
}

/** A service on this machine that behaves as badly as scripted. */
export interface FaultyService {
  readonly endpoint: string;
  /** Takes the place of what decides so far. */
  react: (request: Received) => Reaction;
  close(): Promise<void>;
}

/** Starts a service on a free port of this machine. */
export const faultyService = async (): Promise<FaultyService> => {
  const service: { react: FaultyService['react'] } = { react: () => ({ kind: 'hang-up' }) };
  const server = createServer((request, response) => {
    const { socket } = request;
    bodyOf(request).then(
      (bytes) => {
        const reaction = service.react({
          method: request.method ?? '',
          path: request.url ?? '',
          target: String(request.headers['x-amz-target'] ?? ''),
          body: bytes.toString('utf8'),
          bytes,
        });
        if (reaction.kind === 'hang-up') socket.destroy();
        if (reaction.kind !== 'answer') return;
        response.writeHead(reaction.status, { 'content-type': reaction.contentType });
        response.end(reaction.body);
      },
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(service, {
    endpoint: `http://127.0.0.1:${String(portOf(server))}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
};

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const portOf = (server: Server): number => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
};
