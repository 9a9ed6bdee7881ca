import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyAfterPrefix } from '../../../../shared/runtime/lambda/api/table-routes.ts';
import { compareKeys } from '../../../../shared/state/dynamodb/row-keys.ts';
import { call, cursorOf, errorCode, keysOf, pagesOf, rowsOf } from './support/call.ts';
import { memoryTable } from './support/memory-table.ts';
import { shopApi, TOTALS } from './support/shop-api.ts';

const { handler } = shopApi();
const get = (url: string): ReturnType<typeof call> => call(handler, url);

describe('a row', () => {
  test.each(TOTALS.filter(([key]) => !key.includes('?')))('%j is found by its key in the path', async (key, value) => {
    const { status, body } = await get(`/tables/shop-totals/${encodeURIComponent(key)}`);
    expect([status, body]).toEqual([200, { key, value }]);
  });

  test('slashes of a key may be encoded or not', async () => {
    const { body } = await get('/tables/shop-totals/DE/2016-01-01');
    expect(body).toEqual({ key: 'DE/2016-01-01', value: { pieces: 2 } });
  });

  test.each(TOTALS)('%j is found by its key in the query', async (key, value) => {
    const { status, body } = await get(`/tables/shop-totals?key=${encodeURIComponent(key)}`);
    expect([status, body]).toEqual([200, { key, value }]);
  });

  test('that does not exist is 404, with another code than a table that does not exist', async () => {
    const missing = await get('/tables/shop-totals/FR');
    expect([missing.status, missing.body]).toEqual([
      404,
      {
        error: {
          code: 'no-such-row',
          message: 'the table shop-totals has no row with the key "FR"',
          requestId: 'request-1',
        },
      },
    ]);
    expect(errorCode(await get('/tables/shop-total/FR'))).toBe('no-such-table');
  });

  test('with another parameter is refused', async () => {
    expect(errorCode(await get('/tables/shop-totals/DE?limit=1'))).toBe('bad-parameter');
    expect(errorCode(await get('/tables/shop-totals?key=DE&limit=1'))).toBe('bad-parameter');
    expect(errorCode(await get('/tables/shop-totals/DE?key=DE'))).toBe('bad-parameter');
  });
});

describe('a prefix', () => {
  test('has the rows whose keys begin with it', async () => {
    const page = await get('/tables/shop-totals?prefix=DE/2016-01-0');
    const wanted = TOTALS.map(([key]) => key).filter((key) => key.startsWith('DE/2016-01-0'));
    expect(wanted.length).toBeGreaterThan(1);
    expect(keysOf(page)).toEqual(wanted.sort(compareKeys));
  });

  test('is no part of a range', async () => {
    expect(errorCode(await get('/tables/shop-totals?prefix=DE&from=DE'))).toBe('bad-parameter');
  });

  test('ends right after the last key that begins with it, in the order of bytes', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 });
    fc.assert(
      fc.property(text, text, (prefix, key) => {
        const end = keyAfterPrefix(prefix);
        const isInRange = compareKeys(key, prefix) >= 0 && (end === undefined || compareKeys(key, end) < 0);
        expect(isInRange).toBe(key.startsWith(prefix));
        expect(end === undefined || compareKeys(prefix + key, end) < 0).toBe(true);
      }),
    );
  });
});

describe('a range', () => {
  const keys = TOTALS.map(([key]) => key).sort(compareKeys);

  test('has its rows in the order of their bytes, from its beginning and before its end', async () => {
    const { body } = await get('/tables/shop-totals?from=DE/2016-01-01&to=DE/2016-01-03');
    expect(body).toEqual({
      rows: [
        { key: 'DE/2016-01-01', value: { pieces: 2 } },
        { key: 'DE/2016-01-02', value: { pieces: 3 } },
      ],
    });
  });

  test('goes on after the last row, until it is at its end, and a page may have another size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: keys.length + 1 }), async (limit) => {
        const pages = await pagesOf(handler, `/tables/shop-totals?limit=${String(limit)}`);
        expect(pages.flat()).toEqual(keys);
        expect(pages).toHaveLength(Math.ceil(keys.length / limit));
      }),
    );
    const cursor = cursorOf(await get('/tables/shop-totals?limit=2'));
    const rest = await get(`/tables/shop-totals?limit=1000&cursor=${cursor ?? ''}`);
    expect(rowsOf(rest)).toHaveLength(keys.length - 2);
  });

  test('takes no cursor of another table or range, and none that was changed', async () => {
    const cursor = cursorOf(await get('/tables/shop-totals?from=A&limit=1')) ?? '';
    for (const url of [
      `/tables/shop-totals?from=B&cursor=${cursor}`,
      `/tables/shop-totals?from=A&to=Z&cursor=${cursor}`,
      `/tables/shop-totals?cursor=${cursor}`,
      `/tables/shop-prices?from=A&cursor=${cursor}`,
      `/prices?cursor=${cursor}`,
      `/tables/shop-totals?from=A&cursor=${cursor}x`,
      `/tables/shop-totals?from=A&cursor=${'A'.repeat(60)}`,
      `/tables/shop-totals?from=A&cursor=%00`,
    ]) {
      const answer = await get(url);
      expect([answer.status, errorCode(answer)]).toEqual([400, 'bad-cursor']);
    }
  });

  test.each([
    ['limit=0', 'limit must be a whole number from 1 to 1000, got "0"'],
    ['limit=1001', 'limit must be a whole number from 1 to 1000, got "1001"'],
    ['limit=-1', 'limit must be a whole number from 1 to 1000, got "-1"'],
    ['limit=1e2', 'limit must be a whole number from 1 to 1000, got "1e2"'],
    ['limit=', 'limit must be a whole number from 1 to 1000, got ""'],
    ['from=', 'from must be 1 to 1,000 bytes of UTF-8, without U+0000, got ""'],
    ['from=%00', 'from must be 1 to 1,000 bytes of UTF-8, without U+0000, got "\\u0000"'],
    ['to=a&from=b', 'to must come after from, in the order of their bytes'],
    ['form=a', 'unknown parameter "form"; allowed are from, to, prefix, limit, cursor'],
    ['limit[]=1', 'unknown parameter "limit[]"; allowed are from, to, prefix, limit, cursor'],
    ['cursor=', 'cursor must be the cursor of a page, unchanged, got ""'],
  ])('with %s is refused with the reason', async (query, message) => {
    const { status, body } = await get(`/tables/shop-totals?${query}`);
    expect([status, body]).toMatchObject([400, { error: { code: 'bad-parameter', message, requestId: 'request-1' } }]);
  });
});

test('a page of large rows is shorter, and has a cursor', async () => {
  const rows = Array.from({ length: 40 }, (_, index): [string, unknown] => [String(index + 10), '\\'.repeat(190_000)]);
  const large = shopApi(memoryTable(rows)).handler;
  const first = await call(large, '/tables/shop-totals?limit=1000');
  expect(first.bytes).toBeLessThan(6_000_000);
  expect(rowsOf(first).length).toBeLessThan(40);
  expect(cursorOf(first)).toEqual(expect.any(String));
});
