import { createHmac, timingSafeEqual } from 'node:crypto';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ApiError } from './api-response.ts';

/** The query that a cursor goes on with: its route and all that decides which rows it has and in which order. */
export type CursorScope = readonly (string | undefined)[];

/** Makes and reads cursors: where a page ends, sealed for the query it belongs to. */
export interface Cursors {
  /** The cursor of the page that follows a row. */
  seal(scope: CursorScope, after: string): Promise<string>;
  /** The row a cursor was made of. Throws an {@link ApiError} for one that was changed, or made for another query. */
  open(scope: CursorScope, cursor: string): Promise<string>;
}

const MAC_BYTES = 32;

/**
 * Cursors that only a holder of the secret can make: base64url of the key of the last row and an HMAC-SHA256 of query and key.
 *
 * The query itself is not in it; a cursor for another one has another code and is refused like one that was changed. It does
 * not hide the key, which the page before has shown.
 */
export const cursors = (secret: () => Promise<Uint8Array>): Cursors => {
  const mac = async (scope: CursorScope, after: Uint8Array): Promise<Buffer> =>
    // JSON has no line break outside of its texts, so nothing of the key can pass for a part of the query.
    createHmac('sha256', await secret())
      .update(`cursor 1 ${JSON.stringify(scope)}\n`)
      .update(after)
      .digest();

  return {
    seal: async (scope, after) => {
      const bytes = Buffer.from(after);
      return Buffer.concat([bytes, await mac(scope, bytes)]).toString('base64url');
    },
    open: async (scope, cursor) => {
      const bytes = Buffer.from(cursor, 'base64url');
      // The last character holds bits that are not read, and other characters are passed over: one text a cursor.
      if (bytes.length <= MAC_BYTES || bytes.toString('base64url') !== cursor) throw refused();
      const after = bytes.subarray(0, -MAC_BYTES);
      if (!timingSafeEqual(bytes.subarray(-MAC_BYTES), await mac(scope, after))) throw refused();
      return after.toString();
    },
  };
};

const refused = (): ApiError =>
  new ApiError(
    'bad-cursor',
    'the cursor is not one of this query: give it unchanged and with the same path and parameters (limit may differ), or begin without it',
    { parameter: 'cursor' },
  );

const MIN_SECRET_BYTES = 32;
const MAX_FETCH_MS = 5_000;

/**
 * The secret that cursors are sealed with, fetched once, when it is first needed; after a fetch that failed, the next caller
 * tries again. Rejects for a secret shorter than 32 bytes.
 */
export const cursorSecret = (
  client: () => SecretsManagerClient,
  arn: string,
  maxFetchMs = MAX_FETCH_MS,
): (() => Promise<Uint8Array>) => {
  let fetched: Promise<Uint8Array> | undefined;
  return () =>
    (fetched ??= fetchSecret(client(), arn, maxFetchMs).catch((error: unknown) => {
      fetched = undefined;
      throw error;
    }));
};

const fetchSecret = async (client: SecretsManagerClient, arn: string, maxMs: number): Promise<Uint8Array> => {
  // A fetch under way when the environment was frozen may never be answered, and all callers wait for this one.
  const abortSignal = AbortSignal.timeout(maxMs);
  const command = new GetSecretValueCommand({ SecretId: arn });
  const { SecretString: text, SecretBinary: binary } = await client.send(command, { abortSignal });
  const secret = binary ?? Buffer.from(text ?? '');
  if (secret.length < MIN_SECRET_BYTES) {
    throw new RangeError(
      `the secret ${arn} must have ${String(MIN_SECRET_BYTES)} bytes or more, got ${String(secret.length)}`,
    );
  }
  return secret;
};
