import { expect, test } from '@jest/globals';
import { json } from '../../shared/codec/json.ts';
import { engine } from '../../shared/engine/engine.ts';
import { processor } from '../../shared/processor/processor.ts';
import { rowOf, table } from '../../shared/processor/table.ts';
import { bench, delivered, emitted, item, itemStream, type Item } from '../support/engine-bench.ts';

const labels = table(
  'labels',
  json('label', (value): value is string => typeof value === 'string'),
);

const labelled = processor({
  id: 'test/label',
  from: itemStream('in'),
  to: { out: itemStream('out') },
  tables: { label: rowOf(labels, ({ key }: Item) => key) },
  step: ({ value, tables }) => ({ emit: { out: [{ ...value, key: tables.label ?? 'none' }] } }),
});

test('a row of reference data that cannot be read is the fault of the records that ask for it, and of no others', async () => {
  const { ports, outputs } = bench();
  const rows = new Map<string, unknown>([
    ['x', 'good'],
    ['y', 7],
  ]);
  const tables = {
    ...ports.tables,
    rows: (_: string, keys: readonly string[]) => Promise.resolve(keys.map((key) => rows.get(key))),
  };
  const { books, held } = await engine(labelled, { ...ports, tables }).process([
    delivered(1, item('A', 'x', 1)),
    delivered(2, item('A', 'y', 2)),
    delivered(3, item('A', 'x', 3)),
  ]);
  expect(held).toEqual([]);
  expect(books).toMatchObject({ in: 3, applied: 2, deadLettered: 1 });
  expect(outputs.letters[0]?.error).toMatch(/table 'labels' holds a row that is .*: 7; load it again/);
  expect(emitted(outputs, 'out')).toHaveLength(2);
});
