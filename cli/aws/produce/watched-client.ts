import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { setTimeout } from 'node:timers/promises';
import { fieldOf } from '../../../shared/runtime/field-of.ts';

/** A call whose answer was lost: what it was to write may be written or not. It has no `cause`, or it would pass for what that is. */
export class UnsureError extends Error {
  override readonly name = 'UnsureError';
}

/** What is known of a client's calls. */
export interface WatchedClient {
  /** Milliseconds since 1970 by the clock of the service, from its last answer; of this machine before the first. */
  nowMs(): number;
  /** Resolves when no call is under way any more. */
  quiet(): Promise<void>;
}

/** After this long without an answer a call counts as lost. */
const ANSWER_MS = 30_000;

const NEVER_SENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

/**
 * Lets a client throw an {@link UnsureError} for every `PutRecords` that may or may not have been written, so that it
 * is never repeated before looking. What a service refuses, throttling too, is not written and stays what it is.
 */
export const watchClient = (client: KinesisClient): WatchedClient => {
  let offsetMs = 0;
  const underWay = new Set<Promise<unknown>>();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const date = dateOf(result.response);
      if (date !== undefined) offsetMs = date - Date.now();
      return result;
    },
    { step: 'deserialize', name: 'millraceServerClock', priority: 'low' },
  );
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName !== 'PutRecordsCommand') return next(args);
        const given = new AbortController();
        const call = next(args);
        underWay.add(call);
        const forget = (): unknown => underWay.delete(call);
        call.then(forget, forget);
        try {
          const late = setTimeout(ANSWER_MS, undefined, { signal: given.signal }).then(() => {
            throw new UnsureError(`no answer for ${String(ANSWER_MS / 1000)} seconds`);
          });
          const result = await Promise.race([call, late]);
          if (hasUnsureEntry(result.output)) throw new UnsureError('the service failed while it wrote an entry');
          return result;
        } catch (error) {
          throw isRefusal(error) ? error : new UnsureError(messageOf(error));
        } finally {
          given.abort();
        }
      },
    { step: 'initialize', name: 'millraceUnsure', priority: 'high' },
  );
  return {
    nowMs: () => Date.now() + offsetMs,
    quiet: async () => {
      await Promise.allSettled(underWay);
    },
  };
};

const dateOf = (response: unknown): number | undefined => {
  const date = fieldOf(fieldOf(response, 'headers'), 'date');
  const ms = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
};

const hasUnsureEntry = (output: unknown): boolean => {
  const records = fieldOf(output, 'Records');
  return (
    Array.isArray(records) &&
    records.some((record) => {
      const code = fieldOf(record, 'ErrorCode');
      return typeof code === 'string' && !/Throttling|ProvisionedThroughputExceeded/u.test(code);
    })
  );
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Whether the service has said no, or was never asked. */
const isRefusal = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  if (fieldOf(error, '$fault') === 'client') return true;
  const code = fieldOf(error, 'code');
  if (typeof code === 'string' && NEVER_SENT.has(code)) return true;
  const status = fieldOf(fieldOf(error, '$metadata'), 'httpStatusCode');
  if (typeof status === 'number') return false;
  return error.name === 'CredentialsProviderError' || error.message.includes('Region is missing');
};
