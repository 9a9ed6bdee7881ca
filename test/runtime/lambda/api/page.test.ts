import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readPage, type PageBounds } from '../../../../shared/runtime/lambda/api/page.ts';
import type { RowsPage, ServedRow } from '../../../../shared/state/dynamodb/serving-table.ts';
import { compareKeys } from '../../../../shared/state/dynamodb/row-keys.ts';
import { memoryTable, type MemoryTable } from './support/memory-table.ts';

const numbered = (count: number): MemoryTable =>
  memoryTable(Array.from({ length: count }, (_, index) => [String(index).padStart(6, '0'), index]));

const allPages = async (table: MemoryTable, range: RowsPage, bounds: PageBounds): Promise<ServedRow[][]> => {
  const pages: ServedRow[][] = [];
  for (let after: string | undefined; ;) {
    const page = await readPage(table, { ...range, ...(after !== undefined && { after }) }, bounds);
    pages.push([...page.rows]);
    if (page.next === undefined) return pages;
    after = page.next;
  }
};

const hasTime = (): boolean => true;

describe('pages one after the other', () => {
  test('have every row of the range once and in order, whatever is shown and wherever time runs out', async () => {
    const keys = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }), { maxLength: 250 });
    await fc.assert(
      fc.asyncProperty(
        keys,
        fc.integer({ min: 1, max: 40 }),
        fc.option(fc.string({ maxLength: 2 }), { nil: undefined }),
        fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
        fc.boolean(),
        async (all, limit, from, every, isSlow) => {
          const table = memoryTable(all.map((key) => [key, key.length]));
          const matches = (row: ServedRow): boolean => every === undefined || Buffer.byteLength(row.key) % every === 0;
          const pages = await allPages(
            table,
            { limit, ...(from !== undefined && { from }) },
            { hasTime: () => !isSlow, ...(every !== undefined && { matches }) },
          );
          for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
          expect(pages.flat()).toEqual(
            all
              .filter((key) => from === undefined || compareKeys(key, from) >= 0)
              .sort(compareKeys)
              .map((key) => ({ key, value: key.length }))
              .filter(matches),
          );
        },
      ),
    );
  });
});

test('a page reads no more rows than it may have', async () => {
  const table = numbered(5000);
  const { rows, next } = await readPage(table, { limit: 250 }, { hasTime });
  expect([rows.length, next, table.rowsRead()]).toEqual([250, '000249', 250]);
});

test('the last page has no cursor, also when it is full', async () => {
  expect((await readPage(numbered(100), { limit: 100 }, { hasTime })).next).toBeUndefined();
  expect((await readPage(numbered(101), { limit: 100 }, { hasTime })).next).toBe('000099');
});

test('a page of rare rows ends after two thousand that were read, empty if need be, and goes on', async () => {
  const table = numbered(5000);
  const rare: PageBounds = { hasTime, matches: ({ key }) => key === '004321' };
  const first = await readPage(table, { limit: 10 }, rare);
  expect([first, table.rowsRead()]).toEqual([{ rows: [], next: '001999' }, 2000]);
  expect((await allPages(table, { limit: 10 }, rare)).map((page) => page.length)).toEqual([0, 0, 1]);
});

test('a page ends before its answer is larger than Lambda takes, and every row fits alone', async () => {
  // Each quote becomes four characters: once in the JSON of the body, once in that of the response.
  const rows = Array.from({ length: 30 }, (_, index): [string, string] => [
    String(index + 10),
    '"'.repeat(390_000 / 2),
  ]);
  const pages = await allPages(memoryTable(rows), { limit: 1000 }, { hasTime });
  expect(pages.flat().map(({ key }) => key)).toEqual(rows.map(([key]) => key));
  expect(pages.length).toBeGreaterThan(1);
  for (const page of pages) {
    expect(Buffer.byteLength(JSON.stringify({ body: JSON.stringify({ rows: page }) }))).toBeLessThan(6_000_000);
  }
});
