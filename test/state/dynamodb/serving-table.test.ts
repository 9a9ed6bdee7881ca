import { describe, expect, test } from '@jest/globals';
import { EFFECT_AFTER_MS, REMEMBER_MS } from '../../../shared/state/dynamodb/row-history.ts';
import { servingTable, type ServingTable } from '../../../shared/state/dynamodb/serving-table.ts';
import { ROW_TABLE } from '../../../shared/state/dynamodb/table-layout.ts';
import { endpoint, fault, OK, part, type Answer, type Call, type Endpoint } from './endpoint.ts';
import { tableDouble, type StoredAttributes } from './table-double.ts';

/** A table of reference data in this process, opened at a time, and what is in it. */
const withTable = async (
  check: (
    open: (nowMs: number) => ServingTable,
    items: () => readonly StoredAttributes[],
    server: Endpoint,
  ) => Promise<void>,
  interfere: (call: Call, index: number) => Answer | undefined = () => undefined,
): Promise<void> => {
  const double = tableDouble({ rows: ROW_TABLE });
  await using server = await endpoint((call, index) => interfere(call, index) ?? double.answer(call));
  const { client } = server;
  await check(
    (nowMs) => servingTable(client, 'rows', () => nowMs),
    () => double.items('rows').filter((item) => 'key' in item),
    server,
  );
};

const HOUR_MS = 3_600_000;

describe('rows of reference data', () => {
  const rows = Array.from({ length: 60 }, (_, index) => ({ key: `s${String(index)}`, value: { n: index } }));

  test('are written, each under its key; of several with one key the last counts', async () => {
    await withTable(async (open, items) => {
      await open(0).put([...rows, { key: 's0', value: 'last' }]);
      expect(
        items()
          .map((item) => part(item, 'key', 'S'))
          .sort(),
      ).toEqual(rows.map(({ key }) => key).sort());
      expect([await open(0).row('s0'), await open(0).row('s59'), await open(0).row('other')]).toEqual([
        'last',
        { n: 59 },
        undefined,
      ]);
    });
  });

  test('that are as they were are not written', async () => {
    await withTable(async (open, _items, { calls }) => {
      await open(0).put(rows);
      const before = calls.filter(({ operation }) => operation === 'PutItem').length;
      await open(1).put([...rows.slice(1), { key: 's0', value: 'changed' }]);
      expect(calls.filter(({ operation }) => operation === 'PutItem').length - before).toBe(1);
    });
  });

  test('that DynamoDB throttles are written again', async () => {
    await withTable(
      async (open, items) => {
        await open(0).put(rows);
        expect(items()).toHaveLength(60);
      },
      ({ operation }, index) => (operation === 'PutItem' && index % 3 === 0 ? fault('ThrottlingException') : undefined),
    );
  });

  test('are edited on what they are: an edit that comes between is kept too', async () => {
    let isFirst = true;
    const double = tableDouble({ rows: ROW_TABLE });
    await using server = await endpoint((call) => double.answer(call));
    const other = servingTable(server.client, 'rows', () => 2 * HOUR_MS);
    await servingTable(server.client, 'rows', () => HOUR_MS).put([{ key: 'a', value: 1 }]);
    await using racing = await endpoint(async (call) => {
      if (call.operation === 'PutItem' && isFirst) {
        isFirst = false;
        await other.put([{ key: 'a', value: 2 }]);
      }
      return double.answer(call);
    });
    await servingTable(racing.client, 'rows', () => 3 * HOUR_MS).put([{ key: 'a', value: 3 }]);
    const item = double.items('rows').find((one) => part(one, 'key', 'S') === 'a') ?? {};
    expect(part(item, 'value', 'S')).toBe('3');
    const past = part(item, 'h', 'L');
    expect(Array.isArray(past) && past.map((former: unknown) => part(former, 'M', 'v', 'S'))).toEqual([
      '2',
      '1',
      undefined,
    ]);
  });

  test('are taken away once, and what is taken away leaves its past until no record can ask for it', async () => {
    await withTable(async (open, items) => {
      await open(0).put(rows.slice(0, 2));
      expect([
        await open(HOUR_MS).remove('s0'),
        await open(HOUR_MS).remove('s0'),
        await open(HOUR_MS).remove('x'),
      ]).toEqual([true, false, false]);
      expect([await open(0).row('s0'), (await open(0).page({ limit: 10 })).rows.map(({ key }) => key)]).toEqual([
        undefined,
        ['s1'],
      ]);
      const gone = items().find((item) => part(item, 'key', 'S') === 's0') ?? {};
      expect(part(gone, 'x', 'N')).toBe(String((HOUR_MS + EFFECT_AFTER_MS + REMEMBER_MS) / 1000));
      await open(2 * HOUR_MS).put(rows.slice(0, 1));
      expect(items().some((item) => 'x' in item)).toBe(false);
    });
  });

  test('of which a past above the limit would be kept forget the earliest of it', async () => {
    await withTable(async (open, items) => {
      for (let edit = 0; edit < 5; edit++) {
        await open(edit * 1000).put([{ key: 'a', value: `${String(edit)}${'x'.repeat(150_000)}` }]);
      }
      const past = part(items()[0], 'h', 'L');
      expect(
        Array.isArray(past) && past.map((former: unknown) => String(part(former, 'M', 'v', 'S')).slice(0, 2)),
      ).toEqual(['"3']);
    });
  });

  test('keep what is asked for: a past of 25 hours, of 100 edits at most', async () => {
    await withTable(async (open, items) => {
      const pastLength = (): unknown => part(part(items()[0], 'h', 'L'), 'length');
      for (let hour = 0; hour < 40; hour++) await open(hour * HOUR_MS).put([{ key: 'a', value: hour }]);
      expect(pastLength()).toBe(26);
      for (let second = 0; second < 120; second++)
        await open(40 * HOUR_MS + second * 1000).put([{ key: 'a', value: `s${String(second)}` }]);
      expect(pastLength()).toBe(100);
    });
  });

  test.each([
    ['', 1, /the key of a row must be text of 1 to 1000 bytes/u],
    ['a\0', 1, /without U\+0000/u],
    ['k'.repeat(1001), 1, /with 1001 bytes/u],
    ['a', undefined, /must be a JSON value, got undefined/u],
    ['a', 'x'.repeat(410_000), /row of key 'a' cannot be written: it has 410\d+ bytes, at most 409600/u],
  ])('that the table cannot hold are refused before anything is written: key %j', async (key, value, error) => {
    await withTable(async (open, _items, { calls }) => {
      const put = open(0).put([
        { key: 'good', value: 1 },
        { key, value },
      ]);
      await expect(put).rejects.toThrow(error);
      expect(calls).toEqual([]);
    });
  });

  test('that cannot be written because something is wrong reject at once', async () => {
    await using server = await endpoint(() => fault('AccessDeniedException'));
    await expect(servingTable(server.client, 'rows').put(rows)).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });
});

describe('a page', () => {
  test.each([0, 1001, 1.5, Number.NaN])('of %p rows is refused', async (limit) => {
    await using server = await endpoint(() => OK);
    await expect(servingTable(server.client, 'rows').page({ limit })).rejects.toThrow(/a page has 1 to 1000 rows/u);
  });

  test.each([{ from: 'a\0' }, { to: 'k'.repeat(1001) }, { after: '\ud800' }])(
    'whose bound is no key is refused, and the bound is named: %j',
    async (bound) => {
      await using server = await endpoint(() => OK);
      const [name = ''] = Object.keys(bound);
      await expect(servingTable(server.client, 'rows').page({ ...bound, limit: 1 })).rejects.toThrow(
        `'${name}' must be`,
      );
      expect(server.calls).toEqual([]);
    },
  );

  test('reads no more of a bucket than a page may need of it', async () => {
    await using server = await endpoint(() => ({ kind: 'ok', body: { Items: [] } }));
    await servingTable(server.client, 'rows').page({ limit: 100 });
    expect(server.calls.map(({ operation, input }) => [operation, part(input, 'Limit')])).toEqual(
      Array.from({ length: 8 }, () => ['Query', 15]),
    );
  });

  test('of a range that is empty makes no call', async () => {
    await using server = await endpoint(() => OK);
    const table = servingTable(server.client, 'rows');
    expect(await table.page({ from: 'b', to: 'a', limit: 1 })).toEqual({ rows: [], next: undefined });
    expect([await table.row(''), await table.remove('a\0')]).toEqual([undefined, false]);
    expect(server.calls).toEqual([]);
  });
});
