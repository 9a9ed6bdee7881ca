import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ASSUMPTIONS, completeAssumptions, type BillAssumptions } from '../../shared/cost/assumptions.ts';
import { billLines } from '../../shared/cost/bill-lines.ts';
import { bill, totalUsd, watchedCounts, type Bill } from '../../shared/cost/bill.ts';
import { PRICES, type PriceName } from '../../shared/cost/prices.ts';
import { json } from '../../shared/codec/json.ts';
import { aggregate } from '../../shared/processor/aggregate.ts';
import { describeTopology } from '../../shared/processor/description/describe.ts';
import { processor } from '../../shared/processor/processor.ts';
import { rowOf, table } from '../../shared/processor/table.ts';
import { topology } from '../../shared/processor/topology.ts';
import { tumbling } from '../../shared/processor/windows/tumbling.ts';
import { windowed } from '../../shared/processor/windows/windowed.ts';
import { stream, type Stream } from '../../shared/stream/stream.ts';

const isText = (value: unknown): value is string => typeof value === 'string';
const texts = (name: string): Stream<string> =>
  stream(name, { codec: json('text', isText), partitionKey: String, eventTimeMs: () => 0 });

const raw = texts('raw');
const clean = texts('clean');
const hourly = texts('hourly');
const names = table('names', json('name', isText));

/** A stateless processor with a look-up, windows with timers, and a table. */
const shop = describeTopology(
  topology('shop', [
    processor({
      id: 'shop/clean',
      from: raw,
      to: { clean },
      tables: { name: rowOf(names, String) },
      step: ({ value }) => ({ emit: { clean: [value] } }),
    }),
    windowed({
      id: 'shop/hourly',
      from: clean,
      to: { hourly },
      key: String,
      window: tumbling({ sizeMs: 3_600_000, graceMs: 0 }),
      initial: () => 0,
      add: (count) => count + 1,
      emit: 'final',
      result: (count) => ({ hourly: [String(count)] }),
    }),
    aggregate({
      id: 'shop/counts',
      from: clean,
      key: String,
      as: table(
        'counts',
        json('count', (value): value is number => typeof value === 'number'),
      ),
      initial: () => 0,
      add: (count) => count + 1,
    }),
  ]),
);

const ASSUMED: Partial<BillAssumptions> = {
  shards: 2,
  recordBytes: 500,
  recordsPerAggregate: 100,
  recordsPerBatch: 1000,
  lanesPerBatch: 10,
  memoryMb: 1024,
  msPerBatch: 200,
  sweepMs: 50,
  keysPerBatch: 100,
  itemBytes: 1500,
  coldShare: 0.2,
  timerMoveShare: 0.5,
  storedGb: 2,
  // Ten clean records make one hourly record.
  volumes: { recordShares: { hourly: 0.1 }, recordBytes: {}, keysPerBatch: {} },
};

const billOf = (changes: Partial<BillAssumptions> = {}): Bill => bill(shop, { ...ASSUMED, ...changes });

/** By price: the sum of all amounts, in the unit of the price. */
const amountsOf = ({ rows }: Bill, per: 'month' | 'million'): Readonly<Partial<Record<PriceName, number>>> => {
  const amounts = new Map<string, number>();
  for (const row of rows) {
    if (row.kind === 'charge' && row.per === per) {
      amounts.set(row.price, Number(((amounts.get(row.price) ?? 0) + row.amount).toFixed(9)));
    }
  }
  return Object.fromEntries(amounts);
};

describe('a bill computed by hand', () => {
  test('idle, a month', () => {
    expect(amountsOf(billOf(), 'month')).toEqual({
      // 3 streams of 2 shards for 730 hours.
      shardHour: 4380,
      // 730 hours of 60 minutes, a sweep each: 43,800.
      lambdaRequests: 0.0438,
      // 43,800 sweeps of 0.05 s in 1 GB.
      lambdaGbSeconds: 2190,
      tableStorage: 2,
      // 43,800 sweeps, each 8 queries that find nothing at half a unit: 175,200.
      readUnits: 0.1752,
    });
    // 4,380 * 0.015 + 0.0438 * 0.20 + 2,190 * 0.0000133334 + 2 * 0.25 + 0.1752 * 0.125
    //   = 65.70     + 0.00876       + 0.029200146          + 0.50     + 0.0219
    expect(totalUsd(billOf(), 'month')).toBeCloseTo(66.259860146, 9);
  });

  test('for a million records', () => {
    expect(amountsOf(billOf(), 'million')).toEqual({
      // An aggregate is 100 * 500 = 50,000 bytes, 2 units of 25,600: 20,000 for raw, 20,000 for clean, 2,000 for hourly.
      putPayloadUnits: 0.042,
      // 1,000 batches of each processor.
      lambdaRequests: 0.003,
      // 3,000 batches of 0.2 s in 1 GB.
      lambdaGbSeconds: 600,
      // An item of 1,500 bytes takes 2 units.
      //   hourly, a batch: 100 keys * 2, half of them move the timer for 2 more, 10 watermarks: 200 + 100 + 10 = 310
      //   counts, a batch: 100 keys * 2 = 200
      // 1,000 batches * (310 + 200)
      writeUnits: 0.51,
      // An item of 1,500 bytes takes 1 unit, and a fifth of keys and rows is cold.
      //   clean, a batch: 100 rows * 0.2 = 20
      //   hourly, a batch: 100 keys * 0.2 + 10 watermarks = 30
      //   counts, a batch: 100 keys, none kept warm without timers = 100
      // 1,000 batches * (20 + 30 + 100)
      readUnits: 0.15,
    });
    // 0.042 * 0.014 + 0.003 * 0.20 + 600 * 0.0000133334 + 0.51 * 0.625 + 0.15 * 0.125
    //   = 0.000588  + 0.0006       + 0.00800004         + 0.31875      + 0.01875
    expect(totalUsd(billOf(), 'million')).toBeCloseTo(0.34668804, 9);
  });

  test('on demand, streams cost by the stream and by the gigabyte', () => {
    const onDemand = billOf({ capacity: 'on-demand' });
    // 3 streams for 730 hours.
    expect(amountsOf(onDemand, 'month')).toMatchObject({ onDemandStreamHour: 2190 });
    expect(amountsOf(onDemand, 'month')).not.toHaveProperty('shardHour');
    // Written: an aggregate of 50,000 bytes is rounded up to 49 KB = 50,176 bytes; 10,000 + 10,000 + 1,000 of them.
    // Read: raw once, clean twice, hourly never: 3,000,000 records of 500 bytes.
    expect(amountsOf(onDemand, 'million')).toMatchObject({
      onDemandIn: Number(((21_000 * 50_176) / 2 ** 30).toFixed(9)),
      onDemandOut: Number((1_500_000_000 / 2 ** 30).toFixed(9)),
    });
  });

  test.each([
    [24, undefined, undefined],
    // Above a day each shard-hour is paid again, above a week also what is kept: here 21,000 aggregates of 50,176 bytes.
    [25, 4380, undefined],
    [168, 4380, undefined],
    [168 + 730, 4380, Number(((21_000 * 50_176) / 2 ** 30).toFixed(9))],
  ])('a retention of %d hours', (retentionHours, extendedRetention, longTermRetention) => {
    const made = billOf({ retentionHours });
    expect(amountsOf(made, 'month').extendedRetention).toBe(extendedRetention);
    expect(amountsOf(made, 'million').longTermRetention).toBe(longTermRetention);
  });

  test('CloudWatch has 14 metrics and 7 alarms a processor, 2 and 1 more with timers, and an alarm of the API', () => {
    // 3 * 14 + 2; 3 * 7 + 1 + 1
    expect(watchedCounts(shop.processors)).toEqual({ metrics: 44, alarms: 23 });
    expect(billLines(billOf()).join('\n')).toContain('44 custom metrics, 23 alarms');
  });
});

describe('for any assumptions', () => {
  const number = (name: keyof typeof ASSUMPTIONS): fc.Arbitrary<number> => {
    const { min, max, whole } = ASSUMPTIONS[name];
    return whole ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
  };
  const assumptions = fc.record({
    capacity: fc.constantFrom('provisioned' as const, 'on-demand' as const),
    shards: number('shards'),
    retentionHours: number('retentionHours'),
    recordBytes: number('recordBytes'),
    recordsPerAggregate: number('recordsPerAggregate'),
    recordsPerBatch: number('recordsPerBatch'),
    lanesPerBatch: number('lanesPerBatch'),
    keysPerBatch: number('keysPerBatch'),
    itemBytes: number('itemBytes'),
    coldShare: number('coldShare'),
  });

  test('nothing is negative, and a total is the sum of amounts times prices', () => {
    fc.assert(
      fc.property(assumptions, (given) => {
        const made = billOf(given);
        for (const per of ['month', 'million'] as const) {
          let sum = 0;
          for (const row of made.rows) {
            if (row.kind !== 'charge' || row.per !== per) continue;
            expect(row.amount).toBeGreaterThanOrEqual(0);
            sum += row.amount * PRICES[row.price].usd;
          }
          expect(totalUsd(made, per)).toBeCloseTo(sum, 6);
        }
      }),
    );
  });

  test('larger batches never cost more', () => {
    fc.assert(
      fc.property(assumptions, number('recordsPerBatch'), (given, recordsPerBatch) => {
        const [small, large] = [given.recordsPerBatch, recordsPerBatch].sort((one, other) => one - other);
        const usd = (records: number | undefined): number =>
          totalUsd(billOf({ ...given, ...(records !== undefined && { recordsPerBatch: records }) }), 'million');
        expect(usd(large)).toBeLessThanOrEqual(usd(small) + 1e-9);
      }),
    );
  });

  test('a batch never changes more keys than it has records', () => {
    fc.assert(
      fc.property(assumptions, (given) => {
        const capped = { ...given, keysPerBatch: Math.min(given.keysPerBatch, given.recordsPerBatch) };
        expect(amountsOf(billOf(given), 'million')).toEqual(amountsOf(billOf(capped), 'million'));
      }),
    );
  });

  test('idle cost is proportional to provisioned shards', () => {
    fc.assert(
      fc.property(assumptions, (given) => {
        const hours = (shards: number): number =>
          amountsOf(billOf({ ...given, capacity: 'provisioned', shards }), 'month').shardHour ?? 0;
        expect(hours(given.shards)).toBe(given.shards * hours(1));
      }),
    );
  });
});

describe.each(Object.entries(ASSUMPTIONS))('%s', (name, { value, min, max, whole, about }) => {
  const take = (given: number): unknown => completeAssumptions({ [name]: given });

  test('has a default in its range, and takes both ends of it', () => {
    expect(value).toBeGreaterThanOrEqual(min);
    expect(value).toBeLessThanOrEqual(max);
    expect(completeAssumptions({})).toHaveProperty(name, value);
    for (const end of [min, max]) expect(take(end)).toHaveProperty(name, end);
  });

  test('is refused outside of its range, with the name, the value and the range', () => {
    for (const wrong of [min - 1, max + 1, Number.NaN, ...(whole ? [min + 0.5] : [])]) {
      expect(() => take(wrong)).toThrow(
        new RangeError(
          `${name} must be a ${whole ? 'whole ' : ''}number from ${String(min)} to ${String(max)}, got ${String(wrong)}`,
        ),
      );
    }
  });

  test('is explained', () => {
    expect(about).toMatch(/^[a-z].{10,}/u);
  });
});

test('every price is positive and has a source and a date, which the bill shows', () => {
  const dates = Object.values(PRICES).map(({ date }) => date);
  for (const { source, date, usd } of Object.values(PRICES)) {
    expect(usd).toBeGreaterThan(0);
    expect(URL.canParse(source.url)).toBe(true);
    expect(new Date(date).toISOString().slice(0, 10)).toBe(date);
  }
  expect(billLines(billOf()).at(-1)).toContain(`${dates.sort()[0] ?? ''} to ${dates.at(-1) ?? ''}`);
});

test('a bill in text has its totals, each charge below them, and names what has no price', () => {
  const lines = billLines(billOf());
  expect(lines[0]).toBe('What shop costs in us-east-1, in US dollars:');
  expect(lines.find((line) => line.startsWith('  idle, a month'))).toMatch(/ 66\.260$/u);
  expect(lines.find((line) => line.startsWith('  per million records'))).toMatch(/ 0\.347$/u);
  expect(lines.filter((line) => line.includes('no price found')).length).toBeGreaterThan(3);
});
