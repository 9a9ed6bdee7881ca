import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { Alert } from '../../../functions/weather/streams.ts';
import { frameOf, type Picture } from '../../../cli/live/frame.ts';
import { alertView } from '../../../functions/weather/alert-view.ts';
import { newTally } from '../../../shared/engine/books.ts';

const alert = (day: number): Alert => ({
  id: String(day),
  rule: `a-rule-with-a-very-long-name-${'x'.repeat(80)}`,
  kind: 'alert',
  station_id: 'USC00028815',
  location: 'US-AZ',
  date: `2016-01-${String(day).padStart(2, '0')}`,
  element: 'TMIN',
  value: -1.5,
  threshold: 0,
  email: 'a@example.org',
});

const view: Picture = {
  topology: 'weather',
  feed: '300 generated stations, 1095 days, seed 1',
  place: '2016-01-31',
  share: 0.425,
  leftMs: 61_000,
  records: 1_234_567,
  rate: 24_999.6,
  processors: ['validate', 'assemble', 'enrich', 'alert', 'daily', 'notify'].map((name) => ({
    id: `weather/${name}`,
    rate: 24_999.6,
    lag: 0,
    books: { ...newTally(), in: 1_234_567, applied: 1_234_000, filtered: 500, late: 67, emitted: 1_234_567 },
  })),
  messages: 1,
  outbox: '.millrace/results/outbox',
  title: 'newest alerts',
  newest: Array.from({ length: 60 }, (_, day) => alertView.show(alert(60 - day))),
  hint: 'Ctrl-C stops',
};

const plain = (size: { readonly columns: number; readonly rows: number }, shown = view): readonly string[] =>
  frameOf(shown, size).map((line) => stripVTControlCharacters(line));

describe('a picture is as high as the terminal and never wider, so that it neither scrolls nor wraps', () => {
  test.each([
    { columns: 80, rows: 24 },
    { columns: 120, rows: 40 },
    { columns: 40, rows: 12 },
    { columns: 1, rows: 1 },
  ])('$columns x $rows', (size) => {
    const lines = plain(size);
    expect(lines).toHaveLength(size.rows);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(Math.max(2, size.columns));
  });
});

test('80 columns show rate, lag and every column of the books that holds something', () => {
  const heads = plain({ columns: 80, rows: 24 }).find((line) => line.startsWith('processor'));
  expect(heads?.split(/ +/)).toEqual(['processor', 'rate/s', 'lag', 'in', 'applied', 'filtered', 'late', 'emitted']);
});

test('120 columns show every column of the books', () => {
  const heads = plain({ columns: 120, rows: 40 }).find((line) => line.startsWith('processor'));
  expect(heads?.split(/ +/)).toHaveLength(12);
});

test('the newest alert comes first, and as many are shown as fit', () => {
  const lines = plain({ columns: 80, rows: 24 });
  const first = lines.findIndex((line) => line.startsWith('newest alerts')) + 1;
  expect(lines[first]).toContain('2016-01-60  alert     US-AZ  USC00028815  TMIN   -1.5  a-rule-');
  expect(lines.filter((line) => line.startsWith('2016-01-')).length).toBeGreaterThan(8);
});

test('what a subscriber calls a rule cannot steer the terminal', () => {
  const evil = { ...view, newest: [alertView.show({ ...alert(1), rule: '\u001b[2Jgone\u0007' })] };
  const lines = frameOf(evil, { columns: 120, rows: 40 });
  expect(lines.join('')).not.toContain('\u001b[2J');
  expect(lines.join('')).toContain('?[2Jgone?');
});
