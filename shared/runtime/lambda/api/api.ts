import middy, { type MiddyfiedHandler } from '@middy/core';
import httpRouter, { type Method, type Route } from '@middy/http-router';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { answerResponse, type ApiAnswer, ApiError, apiFailure, errorResponse } from './api-response.ts';
import { apiRequest, type ApiRequest } from './api-request.ts';
import { shown } from './parameters.ts';

/** What is done for one method of one path. */
export interface ApiRoute {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  /** With `{name}` for one part, and `/{proxy+}` at its end for all that follows, slashes included. */
  readonly path: string;
  readonly handle: (request: ApiRequest) => Promise<ApiAnswer>;
}

/** Writes to the log what operators may know and clients may not. */
export type ApiLog = (entry: Readonly<Record<string, unknown>>) => void;

type Event = APIGatewayProxyEventV2;
type Result = APIGatewayProxyStructuredResultV2;

/** The handler of a query API. */
export type ApiHandler = MiddyfiedHandler<Event, Result>;

/** When Lambda is about to end an invocation, the client still gets an answer. */
const TIME_TO_ANSWER_MS = 500;

/**
 * Makes the Lambda handler of an HTTP API (payload format 2.0) of routes; where two match, the first does.
 *
 * Whatever happens, the answer is JSON: an unknown path is 404, another method of a known path is 405 and names those allowed.
 * The infrastructure must send every path to it (`$default`), or some errors are API Gateway's own.
 */
export const api = (routes: readonly ApiRoute[], log: ApiLog = writeLog): ApiHandler =>
  middy<Event, Result>({ timeoutEarlyInMillis: TIME_TO_ANSWER_MS })
    .before(({ event }) => {
      // What the gateway found by its own routes would hide what the router finds by those of the API.
      delete event.pathParameters;
    })
    .onError((failed) => {
      const failure = apiFailure(failed.error);
      const requestId = failed.event.requestContext.requestId;
      if (failure.status >= 500) log({ level: 'ERROR', requestId, code: failure.code, ...describe(failed.error) });
      failed.response = errorResponse(failure, requestId);
    })
    .handler(
      httpRouter<Event, Result>({
        routes: routerRoutes(routes),
        notFoundResponse: ({ method, path }) => {
          throw new ApiError('no-such-route', `no route for ${shown(`${method} ${path}`)}`);
        },
      }),
    );

const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'];

const routerRoutes = (routes: readonly ApiRoute[]): Route<Event, Result>[] =>
  [...new Set(routes.map(({ path }) => path))].flatMap((path) => {
    const here = routes.filter((route) => route.path === path);
    const allowed = here.map(({ method }) => method).join(', ');
    const others = METHODS.filter((method) => here.every((route) => route.method !== method));
    return [
      ...here.map(({ method, handle }) => ({
        method,
        path,
        handler: async (event: Event, context: Context): Promise<Result> =>
          answerResponse(await handle(apiRequest(event, () => context.getRemainingTimeInMillis()))),
      })),
      ...others.map((method) => ({
        method,
        path,
        handler: (): Promise<Result> => {
          throw new ApiError(
            'method-not-allowed',
            `this path has no ${method}; allowed are ${allowed}`,
            {},
            { allow: allowed },
          );
        },
      })),
    ];
  });

const describe = (thrown: unknown): Readonly<Record<string, unknown>> =>
  thrown instanceof Error
    ? {
        error: thrown.name,
        message: thrown.message,
        stack: thrown.stack,
        ...(thrown.cause instanceof Error && { cause: `${thrown.cause.name}: ${thrown.cause.message}` }),
      }
    : { error: String(thrown) };

const writeLog: ApiLog = (entry) => {
  process.stdout.write(`${JSON.stringify(entry)}\n`);
};
