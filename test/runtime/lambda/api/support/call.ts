import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { fieldOf } from '../../../../../shared/runtime/field-of.ts';
import type { ApiHandler } from '../../../../../shared/runtime/lambda/api/api.ts';

/** A request as a client writes it. */
export interface Asked {
  readonly method?: string;
  /** Percent-encoded, with its query. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly remainingMs?: () => number;
}

/** What came back; `body` is the JSON, undefined where there is none. */
export interface Answered {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** Bytes of what Lambda hands over. */
  readonly bytes: number;
}

/** The event of an HTTP API: the path is decoded, the query is not. */
const eventOf = ({
  method = 'GET',
  url,
  headers = {},
  body,
  isBase64Encoded = false,
}: Asked): APIGatewayProxyEventV2 => {
  const [path = '', rawQueryString = ''] = url.split(/\?(.*)/su);
  const rawPath = decodeURIComponent(path);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: { host: 'api.example.org', ...headers },
    // As a greedy route of the gateway leaves it.
    pathParameters: { proxy: rawPath.slice(1) },
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      domainName: 'api.example.org',
      domainPrefix: 'api',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'request-1',
      routeKey: '$default',
      stage: '$default',
      time: '01/Jan/2016:00:00:00 +0000',
      timeEpoch: 1_451_606_400_000,
    },
    ...(body !== undefined && { body }),
    isBase64Encoded,
  };
};

const contextOf = (remainingMs: () => number): Context => ({
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'api',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:api',
  memoryLimitInMB: '512',
  awsRequestId: 'invocation-1',
  logGroupName: 'api',
  logStreamName: 'api',
  getRemainingTimeInMillis: remainingMs,
  ...NO_CALLBACKS,
});

const ignore = (): void => undefined;
const NO_CALLBACKS = { done: ignore, fail: ignore, succeed: ignore };

/** Sends a request to a handler, through the event that API Gateway makes of it. */
export const call = async (handler: ApiHandler, asked: Asked | string): Promise<Answered> => {
  const request = typeof asked === 'string' ? { url: asked } : asked;
  const response = await handler(eventOf(request), contextOf(request.remainingMs ?? (() => 10_000)));
  const { statusCode, headers = {}, body } = response;
  return {
    status: statusCode,
    headers,
    body: body === undefined ? undefined : JSON.parse(body),
    bytes: Buffer.byteLength(JSON.stringify(response)),
  };
};

/** The code of an error answer. */
export const errorCode = ({ body }: Answered): unknown => fieldOf(fieldOf(body, 'error'), 'code');

/** The rows of a page; none where the answer is no page. */
export const rowsOf = ({ body }: Answered): readonly unknown[] => {
  const rows = fieldOf(body, 'rows');
  return Array.isArray(rows) ? rows : [];
};

/** The keys of the rows of a page. */
export const keysOf = (page: Answered): readonly unknown[] => rowsOf(page).map((row) => fieldOf(row, 'key'));

/** The cursor of a page; undefined where it has none. */
export const cursorOf = ({ body }: Answered): string | undefined => {
  const cursor = fieldOf(body, 'cursor');
  return typeof cursor === 'string' ? cursor : undefined;
};

/** The keys of all pages of a query, each asked with the cursor of the one before. */
export const pagesOf = async (handler: ApiHandler, url: string): Promise<readonly (readonly unknown[])[]> => {
  const pages: (readonly unknown[])[] = [];
  for (let next = url; ;) {
    const page = await call(handler, next);
    if (page.status !== 200) throw new Error(`${next} is answered with ${JSON.stringify(page.body)}`);
    pages.push(keysOf(page));
    const cursor = cursorOf(page);
    if (cursor === undefined) return pages;
    next = `${url}${url.includes('?') ? '&' : '?'}cursor=${cursor}`;
  }
};
