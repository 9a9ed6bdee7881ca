import { describe, expect, test } from '@jest/globals';
import { weather } from '../../functions/weather/topology.ts';
import { ASSUMPTIONS, completeAssumptions, type BillAssumptions } from '../../shared/cost/assumptions.ts';
import { bill, totalUsd, type Bill } from '../../shared/cost/bill.ts';
import { billLines } from '../../shared/cost/bill-lines.ts';
import { PRICES } from '../../shared/cost/prices.ts';
import type { PriceName } from '../../shared/cost/prices.ts';
import { describeTopology } from '../../shared/processor/description/describe.ts';

const description = describeTopology(weather());
const billOf = (assumptions: Partial<BillAssumptions> = {}): Bill => bill(description, assumptions);
const amountOf = ({ rows }: Bill, price: PriceName, per: 'month' | 'million'): number =>
  rows.reduce(
    (sum, row) => (row.kind === 'charge' && row.price === price && row.per === per ? sum + row.amount : sum),
    0,
  );

test('a charge is its amount times its price, and a total is the sum of its charges', () => {
  const made = billOf({ shards: 3 });
  let month = 0;
  for (const row of made.rows) {
    if (row.kind === 'note') continue;
    expect(row.usd).toBeCloseTo(row.amount * PRICES[row.price].usd, 12);
    if (row.per === 'month') month += row.usd;
  }
  expect(totalUsd(made, 'month')).toBeCloseTo(month, 9);
});

test('idle, each shard of each stream costs its hours: one shard is about eleven dollars a month', () => {
  expect(amountOf(billOf({ shards: 2 }), 'shardHour', 'month')).toBe(description.streams.length * 2 * 730);
  expect(PRICES.shardHour.usd * 730).toBeCloseTo(10.95, 6);
  const onDemand = billOf({ capacity: 'on-demand', shards: 2 });
  expect(amountOf(onDemand, 'shardHour', 'month')).toBe(0);
  expect(amountOf(onDemand, 'onDemandStreamHour', 'month')).toBe(description.streams.length * 730);
});

test('without aggregation each record is a payload unit, with it many records share one', () => {
  const volumes = { recordShares: {}, recordBytes: {}, keysPerBatch: {} };
  const one = { ...description, streams: description.streams.slice(0, 1), processors: [] };
  const units = (recordsPerAggregate: number): number =>
    amountOf(bill(one, { volumes, recordsPerAggregate, recordBytes: 250 }), 'putPayloadUnits', 'million');
  expect(units(1)).toBe(1);
  expect(units(100)).toBeCloseTo(0.01, 9);
  // 200 records of 250 bytes are 50,000: two units of 25,600.
  expect(units(200)).toBeCloseTo(0.01, 9);
});

test('larger batches make fewer invocations, and a batch never writes more keys than it has records', () => {
  const requests = (recordsPerBatch: number): number =>
    amountOf(billOf({ recordsPerBatch }), 'lambdaRequests', 'million');
  expect(requests(100)).toBeCloseTo(10 * requests(1000), 9);
  const writes = (keysPerBatch: number): number =>
    amountOf(
      billOf({ keysPerBatch, recordsPerBatch: 10, volumes: { recordShares: {}, recordBytes: {}, keysPerBatch: {} } }),
      'writeUnits',
      'million',
    );
  expect(writes(500)).toBe(writes(10));
  expect(writes(10)).toBeGreaterThan(writes(5));
});

test('retention costs above what is included, and far retention by what is kept', () => {
  expect(amountOf(billOf(), 'extendedRetention', 'month')).toBe(0);
  expect(amountOf(billOf({ retentionHours: 25 }), 'extendedRetention', 'month')).toBe(description.streams.length * 730);
  expect(amountOf(billOf({ retentionHours: 168 }), 'longTermRetention', 'million')).toBe(0);
  expect(amountOf(billOf({ retentionHours: 720 }), 'longTermRetention', 'million')).toBeGreaterThan(0);
});

describe('what cannot be assumed is refused with the name, the value and the range', () => {
  test.each([
    [{ shards: 0 }, 'shards must be a whole number from 1 to 10000, got 0'],
    [{ shards: 1.5 }, 'shards must be a whole number from 1 to 10000, got 1.5'],
    [{ coldShare: 1.1 }, 'coldShare must be a number from 0 to 1, got 1.1'],
    [{ memoryMb: Number.NaN }, 'memoryMb must be a whole number from 128 to 10240, got NaN'],
  ])('%j', (given, message) => {
    expect(() => billOf(given)).toThrow(new RangeError(message));
  });
});

test('every default is within its own range', () => {
  expect(() => completeAssumptions({})).not.toThrow();
  for (const { about } of Object.values(ASSUMPTIONS)) expect(about).toMatch(/^[a-z]/);
});

test('every price has a source and a date, and what has none is named and not guessed', () => {
  for (const { source, date, usd } of Object.values(PRICES)) {
    expect(source.url).toMatch(/^https:\/\//);
    expect(date).toMatch(/^2026-\d\d-\d\d$/);
    expect(usd).toBeGreaterThan(0);
  }
  const lines = billLines(billOf());
  expect(lines[0]).toBe('What weather costs in us-east-1, in US dollars:');
  expect(lines.join('\n')).toMatch(
    /idle, a month +\d+\.\d{3}\n.*per million records +\d+\.\d{3}\n.*not in it:.*point-in-time recovery: no price found/s,
  );
});
