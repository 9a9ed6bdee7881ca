import { ApiError } from './api-error.ts';
import type { ApiRequest } from './api-request.ts';

const JSON_TYPE = /^application\/json *(?:; *charset="?utf-8"? *)?$/iu;
const BASE64_BYTES_PER_CHARACTER = 0.75;

/**
 * The body of a request as JSON data.
 *
 * Throws an {@link ApiError} for a body that is not said to be JSON, that has more bytes than `mostBytes`, that is nested too
 * deep, or that is not JSON.
 */
export const jsonBody = ({ contentType, body }: ApiRequest, mostBytes: number): unknown => {
  if (contentType === undefined || !JSON_TYPE.test(contentType)) {
    throw new ApiError('unsupported-media-type', "a body must have the header 'content-type: application/json'");
  }
  if (body === undefined) throw new ApiError('bad-body', 'the body is missing: it must be JSON');
  // Decoding is left for bodies that can pass.
  const leastBytes = body.isBase64 ? Math.floor((body.text.length - 2) * BASE64_BYTES_PER_CHARACTER) : body.text.length;
  const bytes = leastBytes > mostBytes ? undefined : Buffer.from(body.text, body.isBase64 ? 'base64' : 'utf8');
  if (bytes === undefined || bytes.length > mostBytes) {
    throw new ApiError('body-too-large', `a body may have ${String(mostBytes)} bytes`);
  }
  const value = parsed(bytes);
  if (isDeeperThan(value, MOST_LEVELS)) {
    throw new ApiError('bad-body', `the body may have ${String(MOST_LEVELS)} levels of brackets`);
  }
  return value;
};

/** What looks into a value with a function that calls itself has a stack for many more. */
const MOST_LEVELS = 32;

const parsed = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ApiError('bad-body', 'the body is not JSON in UTF-8: check quotes, commas and brackets');
  }
};

const isDeeperThan = (value: unknown, levels: number): boolean => {
  let inside: readonly unknown[] = [value];
  for (let level = 0; level < levels; level += 1) {
    inside = inside.flatMap((one): readonly unknown[] =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    );
    if (inside.length === 0) return false;
  }
  return true;
};
