import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { call, errorCode } from './support/call.ts';
import { memoryTable } from './support/memory-table.ts';
import { shopApi } from './support/shop-api.ts';

const { handler, logged } = shopApi();
const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '..', '.', '%', '*'];

describe('names that objects have of their own are no tables, rows or parameters', () => {
  test.each(NAMES)('%s', async (name) => {
    const path = encodeURIComponent(name);
    expect(errorCode(await call(handler, `/tables/${path}/DE`))).toBe('no-such-table');
    expect(errorCode(await call(handler, `/tables/${path}`))).toBe('no-such-table');
    expect(errorCode(await call(handler, `/tables/shop-prices/${path}`))).toBe('no-such-row');
    expect(errorCode(await call(handler, `/prices/${path}`))).toBe('no-such-row');
    expect(errorCode(await call(handler, `/tables/shop-totals?${path}=1`))).toBe('bad-parameter');
    expect(errorCode(await call(handler, { method: 'DELETE', url: `/prices/${path}` }))).toBe('no-such-row');
  });

  test('and can be ids of rows that are put', async () => {
    const prices = memoryTable();
    const own = shopApi(memoryTable(), prices).handler;
    for (const id of ['__proto__', 'constructor']) {
      const put = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"cents":1}' };
      expect((await call(own, { ...put, url: `/prices/${id}` })).status).toBe(200);
      expect((await call(own, `/prices/${id}`)).body).toEqual({ key: id, value: { cents: 1 } });
    }
    expect(await prices.row('__proto__')).toEqual({ cents: 1 });
  });
});

test.each([
  ['of a thousand and one bytes', 'x'.repeat(1001)],
  ['of 100,000 bytes', 'x'.repeat(100_000)],
  ['of more bytes than characters', '\u6f22'.repeat(334)],
  ['with a null byte', 'a\0b'],
])('a key %s is refused, in the path and in the query', async (_name, key) => {
  for (const url of [`/tables/shop-totals/${encodeURIComponent(key)}`, `/prices/${encodeURIComponent(key)}`]) {
    expect([(await call(handler, url)).status, errorCode(await call(handler, url))]).toEqual([400, 'bad-parameter']);
  }
  const inQuery = await call(handler, `/tables/shop-totals?key=${encodeURIComponent(key)}`);
  expect([inQuery.status, inQuery.bytes < 2000]).toEqual([400, true]);
});

test('another method of a path is 405 and names those it has', async () => {
  for (const [url, allow] of [
    ['/tables/shop-totals', 'GET'],
    ['/tables/shop-totals/DE/1', 'GET'],
    ['/prices', 'GET, PUT, DELETE'],
    ['/prices/a/b', 'GET, PUT, DELETE'],
  ] as const) {
    for (const method of ['POST', 'PATCH', 'HEAD', 'OPTIONS', ...(allow === 'GET' ? ['PUT', 'DELETE'] : [])]) {
      const { status, headers, body } = await call(handler, { method, url });
      expect([status, headers['allow']]).toEqual([405, allow]);
      expect(body).toMatchObject({ error: { code: 'method-not-allowed' } });
    }
  }
});

test('an unknown path or method is 404', async () => {
  for (const url of ['/', '//', '/tables', '/tables/', '/table/x/y', '/prices.json', '/tables/a%0Ab', '/\u202e']) {
    expect([(await call(handler, url)).status, errorCode(await call(handler, url))]).toEqual([404, expect.any(String)]);
  }
  expect((await call(handler, { method: '__proto__', url: '/prices' })).status).toBe(404);
  expect((await call(handler, { method: 'TRACE', url: '/tables/shop-totals' })).status).toBe(404);
});

describe('a body', () => {
  const json = { 'content-type': 'application/json' };
  const put = (body: string | undefined, headers: Readonly<Record<string, string>> = json): ReturnType<typeof call> =>
    call(handler, { method: 'PUT', url: '/prices/pear', headers, ...(body !== undefined && { body }) });
  const price = (bytes: number): string => `{"cents":1,"x":"${'y'.repeat(bytes - 18)}"}`;

  test('may have 16 KB, and not a byte more', async () => {
    expect(Buffer.byteLength(price(16_384))).toBe(16_384);
    expect((await put(price(16_384))).status).toBe(200);
    for (const large of [price(16_385), `{"cents":"${'\u6f22'.repeat(6000)}"}`, 'x'.repeat(6_000_000)]) {
      const answer = await put(large);
      expect([answer.status, errorCode(answer)]).toEqual([413, 'body-too-large']);
    }
  });

  test('may be base64, under the same limit', async () => {
    const base64 = (text: string): ReturnType<typeof call> =>
      call(handler, {
        method: 'PUT',
        url: '/prices/pear',
        headers: json,
        body: Buffer.from(text).toString('base64'),
        isBase64Encoded: true,
      });
    expect((await base64(price(16_384))).status).toBe(200);
    expect((await base64(price(16_385))).status).toBe(413);
    expect((await base64('{"cents":')).status).toBe(400);
  });

  test('must be said to be JSON', async () => {
    for (const type of ['text/plain', 'application/xml', 'application/jsonp', 'application/json; charset=latin1', '']) {
      expect([(await put('{"cents":1}', { 'content-type': type })).status]).toEqual([415]);
    }
    expect((await put('{"cents":1}', {})).status).toBe(415);
    for (const type of ['Application/JSON', 'application/json; charset=utf-8', 'application/json;charset="UTF-8"']) {
      expect((await put('{"cents":1}', { 'content-type': type })).status).toBe(200);
    }
  });

  test('that is missing, is no JSON, or is no row is 400', async () => {
    for (const bad of [
      undefined,
      '',
      ' ',
      '{',
      '{"cents":1}}',
      "{'cents':1}",
      '\ufeff{"a":1}',
      'NaN',
      '[]',
      'null',
      '7',
    ]) {
      const answer = await put(bad);
      expect([answer.status, errorCode(answer)]).toEqual([400, 'bad-body']);
    }
    const notUtf8 = Buffer.from([0x22, 0xff, 0x22]).toString('base64');
    const answer = await call(handler, {
      method: 'PUT',
      url: '/prices/pear',
      headers: json,
      body: notUtf8,
      isBase64Encoded: true,
    });
    expect(errorCode(answer)).toBe('bad-body');
  });
});

test('whatever is asked, the answer is JSON that nothing may keep, and no request is the fault of the API', async () => {
  const part = fc.oneof(
    fc.constantFrom(
      'tables',
      'shop-totals',
      'shop-prices',
      'prices',
      'DE',
      '%2F',
      '%3F',
      '%00',
      '%25',
      ...NAMES.slice(0, 5),
    ),
    fc.string({ unit: 'binary', maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())),
  );
  const query = fc.oneof(
    fc.string({ unit: 'binary-ascii', maxLength: 60 }),
    fc
      .array(fc.tuple(fc.constantFrom('key', 'id', 'from', 'to', 'limit', 'cursor', 'x'), part), { maxLength: 4 })
      .map((pairs) => pairs.map((pair) => pair.join('=')).join('&')),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'PUT', 'DELETE', 'POST', 'HEAD'),
      fc.array(part, { maxLength: 5 }),
      query,
      fc.option(fc.string({ unit: 'binary', maxLength: 40 }), { nil: undefined }),
      async (method, parts, search, body) => {
        const {
          status = 0,
          headers,
          body: answer,
        } = await call(handler, {
          method,
          url: `/${parts.join('/')}?${search}`,
          headers: { 'content-type': 'application/json' },
          ...(body !== undefined && { body }),
        });
        expect([200, 204, 400, 404, 405]).toContain(status);
        expect(headers['cache-control']).toBe('no-store');
        if (status === 204) return;
        expect(headers['content-type']).toBe('application/json; charset=utf-8');
        expect(answer).toEqual(status === 200 ? expect.any(Object) : { error: expect.any(Object) });
      },
    ),
    { numRuns: 1000 },
  );
  expect(logged).toEqual([]);
});

describe('what breaks inside is logged and not shown to the client', () => {
  const failing = (error: Error): ReturnType<typeof shopApi> => {
    const fail = (): Promise<never> => Promise.reject(error);
    return shopApi({ row: fail, page: fail });
  };
  const named = (name: string, message = '', cause?: Error): Error =>
    Object.assign(new Error(message, { cause }), { name });

  test('an unexpected failure is 500 with the id of the request alone', async () => {
    const broken = failing(new Error('table arn:aws:dynamodb:eu-west-1:123456789012:table/secret'));
    const { status, body } = await call(broken.handler, '/tables/shop-totals/DE');
    expect([status, body]).toEqual([
      500,
      {
        error: {
          code: 'internal',
          message: expect.not.stringMatching(/arn|secret|Error/u),
          requestId: 'request-1',
        },
      },
    ]);
    expect(broken.logged).toMatchObject([
      { level: 'ERROR', requestId: 'request-1', message: expect.stringContaining('arn:aws') },
    ]);
  });

  test('a throttle, or a fault that passes, is 503 and says when to try again, also where retries could not outlast it', async () => {
    const throttle = named('ThrottlingException', 'Rate exceeded');
    for (const error of [
      throttle,
      named('ProvisionedThroughputExceededException'),
      named('Error', 'table could not be read in the time that was left', throttle),
    ]) {
      const { status, headers, body } = await call(failing(error).handler, '/tables/shop-totals');
      expect([status, headers['retry-after'], body]).toMatchObject([503, '1', { error: { code: 'unavailable' } }]);
    }
  });

  test('an answer that takes too long is 503 before Lambda ends the invocation', async () => {
    const never = new Promise<never>(() => undefined);
    const stuck = shopApi({ row: () => never, page: () => never }).handler;
    const { status, body } = await call(stuck, { url: '/tables/shop-totals/DE', remainingMs: () => 520 });
    expect([status, body]).toMatchObject([503, { error: { code: 'timed-out' } }]);
  });

  test('an event that no HTTP API sends is refused', async () => {
    await expect(Reflect.apply(handler, undefined, [{ version: '2.0' }, {}])).rejects.toThrow();
  });
});
