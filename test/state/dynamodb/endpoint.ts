import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RetryPolicy } from '../../../shared/aws/retry.ts';
import { clientOptions } from '../../support/faulty-aws/client-options.ts';

/** A call as it arrives over the wire. */
export interface Call {
  /** `PutItem`, for example. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What an endpoint does with a call: answers it, answers with an error, drops the connection, or says nothing at all. */
export type Answer =
  | { readonly kind: 'ok'; readonly body?: object }
  | { readonly kind: 'error'; readonly name: string; readonly status?: number; readonly message?: string }
  | { readonly kind: 'drop' }
  | { readonly kind: 'hang' };

/** An answer, as the endpoint says it. */
export const OK: Answer = { kind: 'ok' };
export const fault = (name: string, status = 400, message = 'asked for'): Answer => ({
  kind: 'error',
  name,
  status,
  message,
});

/** An HTTP server of this process that speaks DynamoDB's protocol, and a real client of it. */
export interface Endpoint extends AsyncDisposable {
  readonly client: DynamoDBClient;
  readonly calls: readonly Call[];
  /** The most calls that were open at one time. */
  readonly maxOpen: () => number;
}

export const endpoint = async (answer: (call: Call, index: number) => Answer | Promise<Answer>): Promise<Endpoint> => {
  const calls: Call[] = [];
  let open = 0;
  let maxOpen = 0;
  const server = createServer((request, response) => {
    const serve = async (): Promise<void> => {
      open += 1;
      maxOpen = Math.max(maxOpen, open);
      const input: unknown = JSON.parse(await text(request));
      const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      const call = { operation, input: typeof input === 'object' && input !== null ? { ...input } : {} };
      calls.push(call);
      const given = await answer(call, calls.length - 1);
      open -= 1;
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      switch (given.kind) {
        case 'ok':
          response.end(JSON.stringify(given.body ?? {}));
          return;
        case 'error':
          response.statusCode = given.status ?? 400;
          response.end(
            JSON.stringify({
              __type: `com.amazonaws.dynamodb.v20120810#${given.name}`,
              message: given.message ?? 'asked for',
            }),
          );
          return;
        case 'drop':
          request.socket.destroy();
          return;
        case 'hang':
          return;
      }
    };
    serve().catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = new DynamoDBClient(clientOptions(`http://127.0.0.1:${String(port)}`));
  return {
    client,
    calls,
    maxOpen: () => maxOpen,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** A clock that moves only by sleeping, and for how long what it times may take. */
export const sleepingClock = (
  budgetMs: number,
  attemptMs = 5_000,
): RetryPolicy & { readonly slept: readonly number[] } => {
  let clockMs = 1_000_000;
  const slept: number[] = [];
  return {
    nowMs: () => clockMs,
    sleep: (ms) => {
      slept.push(ms);
      clockMs += ms;
      return Promise.resolve();
    },
    deadlineMs: () => 1_000_000 + budgetMs,
    attemptMs,
    random: () => 0.5,
    slept,
  };
};

/** A part of a call's input. */
export const part = (input: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
    input,
  );
