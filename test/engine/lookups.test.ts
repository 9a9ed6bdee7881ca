import { describe, expect, test } from '@jest/globals';
import { json } from '../../shared/codec/json.ts';
import { engine } from '../../shared/engine/engine.ts';
import type { FormerRow, TablePort } from '../../shared/engine/ports.ts';
import { processor, type Processor } from '../../shared/processor/processor.ts';
import { rowOf, table, wholeTable } from '../../shared/processor/table.ts';
import {
  ARRIVAL_MS,
  batch,
  bench,
  delivered,
  emitted,
  item,
  itemStream,
  valuesOf,
  type Bench,
  type Item,
} from '../support/engine-bench.ts';

const labels = table(
  'labels',
  json('label', (value): value is string => typeof value === 'string'),
);
const input = itemStream('in');
const out = itemStream('out');

/** Puts the label of its key into the key. */
const perRow = processor({
  id: 'test/label',
  from: input,
  to: { out },
  tables: { label: rowOf(labels, ({ key }: Item) => key) },
  step: ({ value, tables }) => ({ emit: { out: [{ ...value, key: tables.label ?? 'none' }] } }),
});

/** Emits one record for each label there is, in the order of the table. */
const perTable = processor({
  id: 'test/labels',
  from: input,
  to: { out },
  tables: { labels: wholeTable(labels, (rows) => rows.join(' ')) },
  step: ({ value, tables }) => ({ emit: { out: tables.labels.split(' ').map((key) => ({ ...value, key })) } }),
});

/** A table that remembers what its rows were. */
interface EditedTable {
  readonly port: TablePort;
  edit(key: string, row: unknown, atMs: number): void;
  reads: number;
}

const editedTable = (rows: Readonly<Record<string, unknown>>): EditedTable => {
  const now = new Map(Object.entries(rows));
  const former: FormerRow[] = [];
  let version = 1;
  const sorted = (): [string, unknown][] => [...now].sort(([one], [other]) => (one < other ? -1 : 1));
  const made: EditedTable = {
    reads: 0,
    edit: (key, row, atMs) => {
      version += 1;
      former.unshift({ key, untilMs: atMs, row: now.get(key) });
      if (row === undefined) now.delete(key);
      else now.set(key, row);
    },
    port: {
      rows: (_table, keys) => {
        made.reads += 1;
        return Promise.resolve(keys.map((key) => now.get(key)));
      },
      all: () => Promise.resolve({ version, rows: sorted().map(([, row]) => row), keys: sorted().map(([key]) => key) }),
      formerRows: (_table, keys) => Promise.resolve(former.filter(({ key }) => keys === 'all' || keys.includes(key))),
    },
  };
  return made;
};

const keysOf = (made: Bench): readonly unknown[] =>
  valuesOf(made, 'out').map((value): unknown => Reflect.get(Object(value), 'key'));
const work = (made: Bench, described: Processor, { port }: EditedTable) =>
  engine(described, { ...made.ports, tables: port });

describe('a row of reference data', () => {
  test('that cannot be read is the fault of the records that ask for it, and of no others', async () => {
    const made = bench();
    const { books, held } = await work(made, perRow, editedTable({ x: 'good', y: 7 })).process(
      batch(item('A', 'x', 1), item('A', 'y', 2), item('A', 'x', 3)),
    );
    expect(held).toEqual([]);
    expect(books).toMatchObject({ in: 3, applied: 2, deadLettered: 1 });
    expect(made.outputs.letters[0]?.error).toMatch(/table 'labels' holds a row that is .*: 7; load it again/);
    expect(emitted(made.outputs, 'out')).toHaveLength(2);
  });

  test('that is missing is undefined to the step', async () => {
    const made = bench();
    await work(made, perRow, editedTable({})).process(batch(item('A', 'x', 1)));
    expect(keysOf(made)).toEqual(['none']);
  });

  test('is read once a batch, with all others that the batch needs', async () => {
    const made = bench();
    const rows = editedTable({ x: 'one', y: 'two' });
    await work(made, perRow, rows).process(batch(item('A', 'x', 1), item('B', 'y', 2), item('A', 'x', 3)));
    expect(rows.reads).toBe(1);
  });

  test('whose key cannot be computed is the fault of the record', async () => {
    const made = bench();
    const keyless = processor({
      id: 'test/keyless',
      from: input,
      to: { out },
      tables: {
        label: rowOf(labels, ({ n, key }: Item) => {
          if (n === 13) throw new Error('thirteen');
          return key;
        }),
      },
      step: ({ value }) => ({ emit: { out: [value] } }),
    });
    const { books } = await work(made, keyless, editedTable({ x: 'one' })).process(
      batch(item('A', 'x', 13), item('A', 'x', 1)),
    );
    expect(books).toMatchObject({ applied: 1, deadLettered: 1 });
  });
});

describe('an edit of reference data', () => {
  test.each<[string, Processor]>([
    ['row', perRow],
    ['whole table', perTable],
  ])('reaches a warm engine: %s', async (_, described) => {
    const made = bench();
    const rows = editedTable({ x: 'old' });
    const warm = work(made, described, rows);
    await warm.process(batch(item('A', 'x', 1)));
    rows.edit('x', 'new', ARRIVAL_MS + 500);
    await warm.process([delivered(2, item('A', 'x', 1), { arrivalMs: ARRIVAL_MS + 1000 })]);
    expect(keysOf(made)).toEqual(['old', 'new']);
  });

  test('does not make the view of a whole table anew while the table stays as it is', async () => {
    const made = bench();
    let views = 0;
    const viewing = processor({
      id: 'test/view',
      from: input,
      to: {},
      tables: {
        all: wholeTable(labels, () => {
          views += 1;
          return views;
        }),
      },
      step: () => ({}),
    });
    const rows = editedTable({ x: 'old' });
    const warm = work(made, viewing, rows);
    await warm.process(batch(item('A', 'x', 1)));
    await warm.process(batch(item('A', 'x', 1)));
    expect(views).toBe(1);
    rows.edit('x', 'new', ARRIVAL_MS - 1);
    await warm.process(batch(item('A', 'x', 1)));
    expect(views).toBe(2);
  });

  test.each<[string, Processor]>([
    ['row', perRow],
    ['whole table', perTable],
  ])('between two attempts is not seen by a record that arrived before it: %s', async (_, described) => {
    const made = bench();
    const rows = editedTable({ x: 'first' });
    rows.edit('x', 'second', ARRIVAL_MS - 1000);
    const records = [
      delivered(1, item('A', 'x', 1), { arrivalMs: ARRIVAL_MS - 1001 }),
      delivered(2, item('A', 'x', 1), { arrivalMs: ARRIVAL_MS - 1000 }),
    ];
    await work(made, described, rows).process(records);
    rows.edit('x', 'third', ARRIVAL_MS);
    rows.edit('x', undefined, ARRIVAL_MS + 1);
    await work(made, described, rows).process(records);
    expect(keysOf(made)).toEqual(['first', 'second', 'first', 'second']);
  });

  test.each<[string, (rows: EditedTable) => void]>([
    [
      'a row that was added',
      (rows) => {
        rows.edit('b', 'B', ARRIVAL_MS + 1);
      },
    ],
    [
      'a row that was changed',
      (rows) => {
        rows.edit('a', 'X', ARRIVAL_MS + 1);
      },
    ],
    [
      'a row that was deleted',
      (rows) => {
        rows.edit('a', undefined, ARRIVAL_MS + 1);
      },
    ],
    [
      'a row that was deleted and added again',
      (rows) => {
        rows.edit('c', undefined, ARRIVAL_MS + 1);
        rows.edit('c', 'X', ARRIVAL_MS + 2);
      },
    ],
  ])('gives one record the same outputs, in the same places, in every attempt: %s', async (_, edit) => {
    const made = bench();
    const rows = editedTable({ a: 'A', c: 'C' });
    await work(made, perTable, rows).process(batch(item('A', 'x', 1)));
    const first = emitted(made.outputs, 'out');
    made.outputs.units.length = 0;
    edit(rows);
    await work(made, perTable, rows).process(batch(item('A', 'x', 1)));
    expect(emitted(made.outputs, 'out')).toEqual(first);
  });

  test('is seen by a record of the same batch that arrived after it', async () => {
    const made = bench();
    const rows = editedTable({ x: 'old' });
    rows.edit('x', 'new', ARRIVAL_MS + 5);
    await work(made, perRow, rows).process([
      delivered(1, item('A', 'x', 1), { arrivalMs: ARRIVAL_MS }),
      delivered(2, item('A', 'x', 1), { arrivalMs: ARRIVAL_MS + 5 }),
    ]);
    expect(keysOf(made)).toEqual(['old', 'new']);
  });
});

test('a view that cannot be made of a whole table is the fault of the records, until the table is good again', async () => {
  const made = bench();
  const rows = editedTable({ x: 7 });
  const warm = work(made, perTable, rows);
  expect((await warm.process(batch(item('A', 'x', 1)))).books).toMatchObject({ deadLettered: 1 });
  rows.edit('x', 'good', ARRIVAL_MS - 1);
  expect((await warm.process([delivered(2, item('A', 'x', 1))])).books).toMatchObject({ applied: 1 });
});
