import { describe, expect, test } from '@jest/globals';
import { alert } from '../../../functions/weather/alert.ts';
import { enrich } from '../../../functions/weather/enrich.ts';
import { notify } from '../../../functions/weather/notify.ts';
import { engine } from '../../../shared/engine/engine.ts';
import type { FormerRow, TablePort } from '../../../shared/engine/ports.ts';
import { ARRIVAL_MS, bench, delivered, forwarded, type Bench } from '../../support/engine-bench.ts';

const rule = (id: string): object => ({
  id,
  email: `${id}@example.org`,
  element: 'TMIN',
  op: '<=',
  threshold: 0,
  mode: 'episode',
});

/** One table, whose rows are as they are now and, if it remembers, as they were before an edit. */
const tableOf = (rows: Readonly<Record<string, unknown>>, former?: readonly FormerRow[]): TablePort => ({
  rows: (_table, keys) => Promise.resolve(keys.map((key) => rows[key])),
  all: () => Promise.resolve({ version: Object.keys(rows).length, rows: Object.values(rows), keys: Object.keys(rows) }),
  ...(former !== undefined && { formerRows: () => Promise.resolve(former) }),
});

const observation = delivered(
  1,
  JSON.stringify({
    station: { id: 'USC00028815', country_code: 'US' },
    location: 'US-AZ',
    date: '2016-01-01',
    TMIN: -5,
  }),
);

/** Processes a record twice: the store throttles the first attempt, and the tables are edited before the second. */
const attempts = async (before: TablePort, after: TablePort): Promise<Bench> => {
  const made = bench();
  made.intercept = () => 'throttled';
  const first = await engine(alert, { ...made.ports, tables: before }).process([observation]);
  expect(first.held).toHaveLength(1);
  made.intercept = () => undefined;
  const second = await engine(alert, { ...made.ports, tables: after }).process([observation]);
  expect(second.books).toMatchObject({ applied: 1 });
  return made;
};

/** Who is mailed about what an alert processor wrote, in order. */
const mailed = async (made: Bench): Promise<readonly string[]> => {
  const reader = bench();
  await engine(notify, reader.ports).process(forwarded(made, 'weather-alerts'));
  return reader.outputs.dispatches.map(({ message }) => message.to);
};

describe('a rule that is edited between two attempts at one batch', () => {
  test.each([
    ['another rule goes', { ann: rule('ann'), bob: rule('bob') }, { bob: rule('bob') }],
    ['another rule takes its place', { ann: rule('ann') }, { bob: rule('bob') }],
    ['another rule comes before it', { bob: rule('bob') }, { ann: rule('ann'), bob: rule('bob') }],
  ])('never gives one alert the origin of another: %s, and each recipient is mailed once', async (_, before, after) => {
    const made = await attempts(tableOf(before), tableOf(after));
    expect([...(await mailed(made))].sort()).toEqual(
      Object.keys({ ...before, ...after })
        .map((id) => `${id}@example.org`)
        .sort(),
    );
  });

  test('counts for the next record where the table remembers what it was: the second attempt decides as the first', async () => {
    const former = [{ key: 'ann', untilMs: ARRIVAL_MS + 1, row: rule('ann') }];
    const made = await attempts(tableOf({ ann: rule('ann'), bob: rule('bob') }), tableOf({ bob: rule('bob') }, former));
    expect(await mailed(made)).toEqual(['ann@example.org', 'bob@example.org']);
    const [first, second] = made.outputs.units.map(({ payloads }) => payloads);
    expect(second).toEqual(first);
  });
});

test('a station that is loaded between two attempts leaves a record its one outcome where the table remembers', async () => {
  const made = bench();
  const day = { location: 'US-AZ', station_id: 'USC00028815', date: '2016-01-01', elements: { TMIN: -50 } };
  const station = { id: 'USC00028815', country_code: 'US' };
  const former = [{ key: station.id, untilMs: ARRIVAL_MS + 1, row: undefined }];
  const tables = [tableOf({}), tableOf({ [station.id]: station }, former)];
  for (const one of tables) {
    const { books } = await engine(enrich, { ...made.ports, tables: one }).process([delivered(1, JSON.stringify(day))]);
    expect(books).toMatchObject({ invalid: 1 });
  }
  expect(made.outputs.units.map(({ stream }) => stream)).toEqual(['weather-errors', 'weather-errors']);
});
