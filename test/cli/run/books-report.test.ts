import { expect, test } from '@jest/globals';
import { weather } from '../../../functions/weather/topology.ts';
import { newTally, type Books } from '../../../shared/engine/books.ts';
import { booksReport, type BooksReport } from '../../../cli/run/books-report.ts';

const topology = weather();
const PASSED: Books = { ...newTally(), in: 5, applied: 5 };

const reportWith = (
  changed: Partial<Books>,
  waiting = 0,
  more: { readonly puts?: number; readonly givenUp?: number } = {},
): BooksReport =>
  booksReport(
    {
      topology,
      books: () =>
        new Map(
          topology.processors.map(({ id }) => [id, id === 'weather/validate' ? { ...PASSED, ...changed } : PASSED]),
        ),
      lag: () => new Map([['weather/validate', waiting]]),
      puts: () => new Map(topology.streams.map(({ name }) => [name, more.puts ?? 5])),
      givenUp: () => new Map([['weather/enrich', more.givenUp ?? 0]]),
    },
    { lines: 5, records: 5, damaged: [] },
  );

test('books balance when every record that entered is in one column and none waits', () => {
  expect(reportWith({})).toMatchObject({ balanced: true, problems: [] });
  expect(reportWith({ applied: 2, filtered: 1, invalid: 1, late: 1 })).toMatchObject({ balanced: true });
});

test('a record delivered twice is no fault: it is in twice and a duplicate once', () => {
  expect(reportWith({ in: 6, duplicate: 1 })).toMatchObject({ balanced: true });
});

test.each([
  ['a record in no column', { applied: 4 }, 0, /weather\/validate lost 1 record: /],
  ['a record in two columns', { filtered: 2 }, 0, /weather\/validate has 2 records too many/],
  [
    'a record that was put into the stream and never delivered',
    { in: 4, applied: 4 },
    0,
    /never got 1 record of the 5/,
  ],
  ['a record that still waits', { in: 4, applied: 4 }, 1, /weather\/validate still has 1 record to take/],
  ['a record that was held and not delivered again', { applied: 4, held: 1 }, 0, /never got 1 record of the 5/],
])('books do not balance with %s, and it is said of which processor', (_what, changed, waiting, message) => {
  const { balanced, problems } = reportWith(changed, waiting);
  expect(balanced).toBe(false);
  expect(problems).toEqual([expect.stringMatching(message)]);
});

test('books do not balance when a record got lost between two processors', () => {
  const { problems } = reportWith({}, 0, { puts: 6 });
  expect(problems).toContainEqual(expect.stringMatching(/weather\/assemble never got 1 record of the 6 that entered/));
});

test('books do not balance when records were given up', () => {
  const { problems } = reportWith({}, 0, { givenUp: 2 });
  expect(problems).toEqual(['weather/enrich held 2 records until the retries were used up: see the dead letters']);
});
