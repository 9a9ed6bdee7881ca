import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ApiError } from './api-error.ts';

/** What a route answers when all went well; without `body` there is nothing to say but that. */
export interface ApiAnswer {
  readonly status: 200 | 204;
  readonly body?: unknown;
}

/** Data, not a page: nothing may run, frame, guess or keep it. */
const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
};

const JSON_HEADERS: Readonly<Record<string, string>> = {
  ...HEADERS,
  'content-type': 'application/json; charset=utf-8',
};

/** An answer as API Gateway takes it. */
export const answerResponse = ({ status, body }: ApiAnswer): APIGatewayProxyStructuredResultV2 =>
  body === undefined
    ? { statusCode: status, headers: { ...HEADERS } }
    : { statusCode: status, headers: { ...JSON_HEADERS }, body: JSON.stringify(body) };

/** An error as API Gateway takes it; the id is that of the request, by which its log is found. */
export const errorResponse = (
  { status, code, message, facts, headers }: ApiError,
  requestId: string,
): APIGatewayProxyStructuredResultV2 => ({
  statusCode: status,
  headers: { ...JSON_HEADERS, ...headers },
  body: JSON.stringify({ error: { code, message, ...facts, requestId } }),
});
