import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { fieldOf } from '../../../shared/runtime/field-of.ts';

/** What the query API answers. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Asks the deployed query API. */
export type Ask = (method: 'GET' | 'PUT' | 'DELETE', path: string, body?: unknown) => Promise<Answer>;

/**
 * The query API at the URL that the stack tells. Its host is a name below `localhost`, which not every machine can resolve: the
 * endpoint is asked instead, with that host in the request.
 */
export const queryApi = (apiUrl: string, endpointUrl: string): Ask => {
  const api = new URL(apiUrl);
  const endpoint = new URL(endpointUrl);
  return async (method, path, body) => {
    const asked = request({
      host: endpoint.hostname,
      port: endpoint.port,
      method,
      path,
      headers: { host: api.host, ...(body !== undefined && { 'content-type': 'application/json' }) },
    });
    const answered = new Promise<Answer>((resolve, reject) => {
      asked.once('error', reject);
      asked.once('response', (response) => {
        text(response).then((answer) => {
          const parsed: unknown = answer === '' ? undefined : JSON.parse(answer);
          resolve({ status: response.statusCode ?? 0, body: parsed });
        }, reject);
      });
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    return answered;
  };
};

/** Follows the cursors of an answer in pages to the end. */
export const allPages = async (ask: Ask, path: string): Promise<readonly unknown[]> => {
  const rows: unknown[] = [];
  for (let cursor: unknown = ''; typeof cursor === 'string';) {
    const { status, body } = await ask('GET', cursor === '' ? path : `${path}&cursor=${cursor}`);
    if (status !== 200) throw new Error(`${path} is answered with ${String(status)}: ${JSON.stringify(body)}`);
    rows.push(...[fieldOf(body, 'rows')].flat());
    cursor = fieldOf(body, 'cursor');
  }
  return rows;
};
