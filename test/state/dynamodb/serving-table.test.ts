import { describe, expect, test } from '@jest/globals';
import { servingTable } from '../../../shared/state/dynamodb/serving-table.ts';
import { endpoint, fault, OK, part, type Call } from './endpoint.ts';

const writes = ({ input }: Call): readonly unknown[] => {
  const asked = part(input, 'RequestItems', 'rows');
  return Array.isArray(asked) ? asked : [];
};

describe('rows of reference data', () => {
  const rows = Array.from({ length: 60 }, (_, index) => ({ key: `s${String(index)}`, value: { n: index } }));

  test('are written 25 a call, and what DynamoDB leaves unprocessed is written again', async () => {
    const written = new Set<unknown>();
    await using server = await endpoint((call) => {
      const asked = writes(call);
      for (const one of asked.slice(0, 20)) written.add(part(one, 'PutRequest', 'Item', 'key', 'S'));
      return { kind: 'ok', body: { UnprocessedItems: asked.length > 20 ? { rows: asked.slice(20) } : {} } };
    });
    await servingTable(server.client, 'rows').put(rows);
    expect([...written].sort()).toEqual(rows.map(({ key }) => key).sort());
    expect(server.calls.map((call) => writes(call).length).sort()).toEqual([10, 25, 25, 5, 5]);
  });

  test('of one key are one row: the last', async () => {
    await using server = await endpoint(() => OK);
    await servingTable(server.client, 'rows').put([...rows.slice(0, 2), { key: 's0', value: 'last' }]);
    const values = server.calls.flatMap(writes).map((one) => part(one, 'PutRequest', 'Item', 'value', 'S'));
    expect(values).toEqual(['"last"', '{"n":1}']);
  });

  test.each([
    ['', 1, /the key of a row must be text of 1 to 1000 bytes/u],
    ['a\0', 1, /without U\+0000/u],
    ['k'.repeat(1001), 1, /with 1001 bytes/u],
    ['a', undefined, /must be a JSON value, got undefined/u],
    ['a', 'x'.repeat(410_000), /the row of key 'a' would have 410\d+ bytes, at most 405504/u],
  ])('that the table cannot hold are refused before anything is written: key %j', async (key, value, error) => {
    await using server = await endpoint(() => OK);
    const table = servingTable(server.client, 'rows');
    await expect(
      table.put([
        { key: 'good', value: 1 },
        { key, value },
      ]),
    ).rejects.toThrow(error);
    expect(server.calls).toEqual([]);
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

  test('of a range that is empty asks nobody', async () => {
    await using server = await endpoint(() => OK);
    const table = servingTable(server.client, 'rows');
    expect(await table.page({ from: 'b', to: 'a', limit: 1 })).toEqual({ rows: [], next: undefined });
    expect([await table.row(''), await table.remove('a\0')]).toEqual([undefined, false]);
    expect(server.calls).toEqual([]);
  });
});
