import { describe, expect, test } from '@jest/globals';
import { compareKeys, type KeyRange } from '../../../shared/state/dynamodb/row-keys.ts';
import { servingTable, type ServedRow, type ServingTable } from '../../../shared/state/dynamodb/serving-table.ts';
import { ROW_TABLE } from '../../../shared/state/dynamodb/table-layout.ts';
import { endpoint, fault, part, type Call } from './endpoint.ts';
import { tableDouble } from './table-double.ts';

// In UTF-16 the last would come before the one before it.
const KEYS = [...Array.from({ length: 50 }, (_, index) => `k${String(index).padStart(2, '0')}`), '\uffff', '😀'];
const GONE = 'k27';

const filled = tableDouble({ rows: ROW_TABLE });

/** A table of rows in this process, over which every page is read as DynamoDB would give it. */
const withRows = async (check: (table: ServingTable, calls: readonly Call[]) => Promise<void>): Promise<void> => {
  await using server = await endpoint((call) => filled.answer(call));
  const table = servingTable(server.client, 'rows', () => 0);
  if (filled.items('rows').length === 0) {
    await table.put(KEYS.map((key) => ({ key, value: { key } })));
    await table.remove(GONE);
  }
  await check(table, server.calls);
};

/** The rows of a range, as a model has them. */
const modelOf = ({ from = '', to, after }: KeyRange): readonly ServedRow[] =>
  KEYS.filter((key) => key !== GONE)
    .filter((key) => compareKeys(key, from) >= 0)
    .filter((key) => to === undefined || compareKeys(key, to) < 0)
    .filter((key) => after === undefined || compareKeys(key, after) > 0)
    .toSorted(compareKeys)
    .map((key) => ({ key, value: { key } }));

/** All rows of a range, page after page. */
const walk = async (
  table: ServingTable,
  range: KeyRange,
  limit: number,
): Promise<readonly (readonly ServedRow[])[]> => {
  const pages: (readonly ServedRow[])[] = [];
  let after = range.after;
  do {
    const { rows, next } = await table.page({ ...range, limit, ...(after !== undefined && { after }) });
    pages.push(rows);
    after = next;
  } while (after !== undefined);
  return pages;
};

describe('a page of a table', () => {
  const ranges: readonly KeyRange[] = [
    {},
    { from: 'k10', to: 'k20' },
    { from: 'k48' },
    { to: 'k03' },
    { after: 'k47' },
    { from: 'k05', after: 'k09', to: 'k12' },
    { from: 'k09', after: 'k05', to: 'k12' },
    { from: 'k275', to: 'k28' },
    { to: '\uffff', from: 'k49' },
  ];

  test.each(ranges)('has the rows of its range in the order of their bytes: %j', async (range) => {
    await withRows(async (table) => {
      expect(await table.page({ ...range, limit: 1000 })).toEqual({ rows: modelOf(range), next: undefined });
    });
  });

  test('goes on after the last row of the one before, and the last one says that it is', async () => {
    await withRows(async (table) => {
      const pages = await walk(table, { from: 'k10' }, 20);
      expect(pages.flat()).toEqual(modelOf({ from: 'k10' }));
      expect(pages.map(({ length }) => length)).toEqual([20, 20, 1]);
    });
  });

  test('that has exactly the rows left is the last', async () => {
    await withRows(async (table) => {
      expect((await table.page({ from: 'k48', to: 'k9', limit: 2 })).next).toBeUndefined();
      expect((await table.page({ from: 'k47', to: 'k9', limit: 2 })).next).toBe('k48');
    });
  });

  test('is read as the table is now, and asks of each bucket for no more than the range', async () => {
    await withRows(async (table, calls) => {
      const before = calls.length;
      await table.page({ from: 'k10', to: 'k20', limit: 8 });
      const asked = calls.slice(before).map(({ input }) => input);
      expect(asked.every((input) => part(input, 'ConsistentRead') === true)).toBe(true);
      expect(new Set(asked.map((input) => part(input, 'KeyConditionExpression')))).toEqual(
        new Set(['b = :b AND k BETWEEN :low AND :high']),
      );
    });
  });
});

describe('a row that was written by another tool', () => {
  const byHand = { b: { S: '' }, k: { S: 'a\0' }, key: { S: 'a' }, value: { S: '1' } };

  test('can be edited, on the condition that it has not been edited since', async () => {
    const double = tableDouble({ rows: ROW_TABLE });
    await using server = await endpoint((call) => double.answer(call));
    const table = servingTable(server.client, 'rows', () => 0);
    await table.put([{ key: 'a', value: 0 }]);
    const bucket = double.items('rows').find((item) => part(item, 'key', 'S') === 'a');
    double.answer({
      operation: 'PutItem',
      input: { TableName: 'rows', Item: { ...byHand, b: { S: part(bucket, 'b', 'S') } } },
    });
    await table.put([{ key: 'a', value: 2 }]);
    expect(await table.row('a')).toBe(2);
    const last = server.calls.findLast(({ operation }) => operation === 'PutItem');
    expect(part(last?.input, 'ConditionExpression')).toBe('attribute_not_exists(e)');
  });
});

describe('a first load', () => {
  test('that goes on in further calls counts at once as a whole', async () => {
    const double = tableDouble({ rows: ROW_TABLE });
    await using server = await endpoint((call) => double.answer(call));
    const table = servingTable(server.client, 'rows', () => 0);
    await table.put([{ key: 'a', value: 1 }], { more: true });
    const marked = (): boolean => double.items('rows').some((item) => !('key' in item));
    expect(marked()).toBe(false);
    await table.put([{ key: 'b', value: 1 }]);
    expect(marked()).toBe(true);
    const untilOf = (key: string): unknown => {
      const item = double.items('rows').find((one) => part(one, 'key', 'S') === key);
      const past = part(item, 'h', 'L');
      return Array.isArray(past) ? part(past[0], 'M', 'u', 'N') : undefined;
    };
    expect([untilOf('a'), untilOf('b')]).toEqual(['0', '0']);
    // A row that comes later is an edit, which takes two minutes to count.
    await table.put([{ key: 'c', value: 1 }]);
    expect(untilOf('c')).toBe('120000');
  });
});

describe('a row that DynamoDB refuses', () => {
  test.each(['Item size has exceeded the maximum allowed size', 'One or more parameter values were invalid'])(
    'is named, and no other: %s',
    async (message) => {
      const double = tableDouble({ rows: ROW_TABLE });
      await using server = await endpoint((call) =>
        part(call.input, 'Item', 'key', 'S') === 'bad'
          ? fault('ValidationException', 400, message)
          : double.answer(call),
      );
      const put = servingTable(server.client, 'rows', () => 0).put([
        { key: 'good', value: 1 },
        { key: 'bad', value: 2 },
        { key: 'fine', value: 3 },
      ]);
      await expect(put).rejects.toThrow("the row of key 'bad' cannot be written: DynamoDB refuses it");
    },
  );
});
