import { expect, test } from '@jest/globals';
// begin
import { json, stream, topology, windowed, type Windows } from '../../shared/index.ts';
// end
import { testDriver } from '../../shared/testing.ts';

// begin
/** How far the clock of a time zone is ahead of UTC at a moment, in milliseconds. */
const offsetMs = (timeZone: string, timeMs: number): number => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return Date.parse(`${format.format(timeMs).replace(' ', 'T')}Z`) - Math.floor(timeMs / 1000) * 1000;
};

const DAY_MS = 86_400_000;

/** When the local day begins that is `days` after that of a moment. */
const midnight = (timeZone: string, timeMs: number, days: number): number => {
  const local = Math.floor((timeMs + offsetMs(timeZone, timeMs)) / DAY_MS) * DAY_MS + days * DAY_MS;
  // The offset at midnight is that of a moment near it; twice, because the first guess may be on the other side of a change.
  const guess = local - offsetMs(timeZone, local);
  return local - offsetMs(timeZone, guess);
};

/** Days as the people of a time zone have them. */
const localDays = (timeZone: string, graceMs: number): Windows => ({
  graceMs,
  windowAt: (timeMs) => ({
    startMs: midnight(timeZone, timeMs, 0),
    endMsExclusive: midnight(timeZone, timeMs, 1),
  }),
  description: { kind: 'local days', graceMs, timeZone },
});
// end

interface Trip {
  readonly line: string;
  readonly at: string;
}
interface Count {
  readonly line: string;
  readonly from: string;
  readonly hours: number;
  readonly trips: number;
}
const trips = stream('trips', {
  codec: json('trip', (value): value is Trip => typeof value === 'object' && value !== null),
  partitionKey: ({ line }) => line,
  eventTimeMs: ({ at }) => Date.parse(at),
});
const perDay = stream('trips-per-day', {
  codec: json('count', (value): value is Count => typeof value === 'object' && value !== null),
  partitionKey: ({ line }) => line,
});

// begin
const daily = windowed({
  id: 'bus/daily',
  from: trips,
  to: { perDay },
  key: ({ line }) => line,
  window: localDays('Europe/Copenhagen', 600_000),
  initial: () => 0,
  add: (count) => count + 1,
  emit: 'final',
  result: (count, { key, startMs, endMsExclusive }) => ({
    perDay: [
      {
        line: key,
        from: new Date(startMs).toISOString(),
        hours: (endMsExclusive - startMs) / 3_600_000,
        trips: count,
      },
    ],
  }),
});
// end

test('a day in Copenhagen has 23 hours in March, 25 in October and 24 otherwise', async () => {
  const driver = testDriver(topology('bus', [daily]));
  const trip = (at: string): Trip => ({ line: '5C', at });
  await driver.stream(trips).pipe(
    trip('2026-03-28T12:00:00Z'),
    trip('2026-03-28T23:30:00Z'), // half past midnight on the 29th
    trip('2026-03-29T21:59:59Z'), // a second before midnight
    trip('2026-03-29T22:00:00Z'),
    trip('2026-10-24T22:00:00Z'),
    trip('2026-10-25T22:59:59Z'),
  );
  await driver.end();
  expect(driver.stream(perDay).read()).toEqual([
    { line: '5C', from: '2026-03-27T23:00:00.000Z', hours: 24, trips: 1 },
    { line: '5C', from: '2026-03-28T23:00:00.000Z', hours: 23, trips: 2 },
    { line: '5C', from: '2026-03-29T22:00:00.000Z', hours: 24, trips: 1 },
    { line: '5C', from: '2026-10-24T22:00:00.000Z', hours: 25, trips: 2 },
  ]);
});
