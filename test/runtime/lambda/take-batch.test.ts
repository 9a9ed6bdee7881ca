import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deaggregate, isAggregated } from '../../../shared/codec/kpl.ts';
import { missing, newTally } from '../../../shared/engine/books.ts';
import type { Engine } from '../../../shared/engine/engine.ts';
import { batchResponse } from '../../../shared/runtime/batch-response.ts';
import { recordSlices, takeBatch, type TakenBatch } from '../../../shared/runtime/lambda/take-batch.ts';
import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';
import { peerAggregate } from '../../support/aws-kinesis-agg.ts';

const record = (number: number, sizeBytes: number, partitionKey = 'A'): DeliveredRecord => ({
  partitionKey,
  sequenceNumber: String(number),
  data: new Uint8Array(sizeBytes),
  arrivalMs: 0,
});

/** One Kinesis record with a user record of each key. */
const aggregate = (number: number, partitionKeys: readonly string[]): DeliveredRecord => ({
  ...record(number, 0, 'outer'),
  data: peerAggregate(partitionKeys.map((partitionKey) => ({ partitionKey, data: Buffer.from('x') }))),
});

const numbers = (records: readonly DeliveredRecord[]): readonly string[] =>
  records.map(({ sequenceNumber }) => sequenceNumber);

describe('slices of a batch', () => {
  test('a batch that is not larger than a slice is one slice, so each key is written once', () => {
    expect(recordSlices([record(1, 40), record(2, 40), record(3, 20)], 100)).toHaveLength(1);
  });

  test('a record that is larger than a slice is a slice of its own', () => {
    const slices = recordSlices([record(1, 10), record(2, 500), record(3, 10)], 100);
    expect(slices.map(numbers)).toEqual([['1'], ['2'], ['3']]);
  });

  test('no record is lost, moved or taken twice, and only single records are larger than a slice', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(150)), (sizes) => {
        const records = sizes.map((size, index) => record(index, size));
        const slices = recordSlices(records, 100);
        expect(slices.flat()).toEqual(records);
        for (const slice of slices) {
          const bytes = slice.reduce((sum, { data }) => sum + data.length, 0);
          expect(slice.length).toBeGreaterThan(0);
          if (slice.length > 1) expect(bytes).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});

/** What happens in a test run: `held` says of a delivery whether its partition key is held from there on. */
interface World {
  readonly leftMs: number;
  readonly tookMs?: (call: number) => number;
  readonly isHeld?: (partitionKey: string, number: number, call: number) => boolean;
  readonly sliceBytes?: number;
  readonly result?: (call: number) => object;
}

interface Run {
  readonly taken: TakenBatch;
  /** Sequence numbers of each slice the engine got. */
  readonly slices: readonly (readonly string[])[];
  readonly pausesMs: readonly number[];
  readonly tookMs: number;
  /** `key:number` of what was applied, in order. */
  readonly applied: readonly string[];
}

/** Takes records with an engine that has a ledger and obeys the protocol, on a clock that only the engine and pauses move. */
const taking = async (records: readonly DeliveredRecord[], world: World): Promise<Run> => {
  const { leftMs, tookMs = () => 100, isHeld = () => false, sliceBytes = 100, result = () => ({}) } = world;
  const startMs = 1_000;
  let clockMs = startMs;
  const slices: (readonly string[])[] = [];
  const pausesMs: number[] = [];
  const ledger = new Map<string, number>();
  const applied: string[] = [];
  const process: Engine['process'] = (slice) => {
    const call = slices.length;
    slices.push(numbers(slice));
    clockMs += tookMs(call);
    const books = newTally();
    const held = new Map<string, string>();
    for (const { partitionKey, number } of slice.flatMap(eventsOf)) {
      books.in += 1;
      if (held.has(partitionKey) || isHeld(partitionKey, number, call)) {
        if (!held.has(partitionKey)) held.set(partitionKey, String(number));
        books.held += 1;
      } else if (number <= (ledger.get(partitionKey) ?? 0)) {
        books.duplicate += 1;
      } else {
        ledger.set(partitionKey, number);
        applied.push(`${partitionKey}:${String(number)}`);
        books.applied += 1;
      }
    }
    const heldPartitions = [...held].map(([partitionKey, sequenceNumber]) => ({
      ...{ partitionKey, sequenceNumber, because: 'throttled' },
    }));
    const answer = { held: heldPartitions, books, conflicts: 1, watermarkMs: 100 + call };
    return Promise.resolve({ ...answer, largestItemBytes: 0, largestItemKey: undefined, ...result(call) });
  };
  const taken = await takeBatch({ process }, records, {
    nowMs: () => clockMs,
    deadlineMs: startMs + leftMs,
    sleep: (ms) => {
      pausesMs.push(ms);
      clockMs += ms;
      return Promise.resolve();
    },
    random: () => 1,
    sliceBytes,
  });
  return { taken, slices, pausesMs, tookMs: clockMs - startMs, applied };
};

const eventsOf = (one: DeliveredRecord): readonly { readonly partitionKey: string; readonly number: number }[] => {
  const number = Number(one.sequenceNumber);
  const unpacked = isAggregated(one.data) ? deaggregate(one.data) : undefined;
  if (unpacked?.kind !== 'records') return [{ partitionKey: one.partitionKey, number }];
  return unpacked.records.map(({ partitionKey }) => ({ partitionKey, number }));
};

/** Each a slice of its own. */
const four = [record(1, 90), record(2, 90), record(3, 90), record(4, 90)];

describe('the deadline guard', () => {
  test('takes all slices while time is left', async () => {
    const { taken, slices } = await taking(four, { leftMs: 1_000 });
    expect(slices).toEqual([['1'], ['2'], ['3'], ['4']]);
    expect(taken.unprocessed).toBeUndefined();
  });

  test('leaves a slice that could not be committed in time, and reports its first record', async () => {
    const { taken, slices } = await taking(four, { leftMs: 250 });
    expect(slices).toEqual([['1'], ['2']]);
    expect(taken.unprocessed).toEqual({ partitionKey: 'A', sequenceNumber: '3', count: 2, because: 'no-time' });
  });

  test('expects of a slice what the slowest so far has taken, not the last', async () => {
    const { slices } = await taking(four, { leftMs: 400, tookMs: (call) => (call === 0 ? 250 : 10) });
    expect(slices).toEqual([['1']]);
  });

  test('takes a slice that just ends in time', async () => {
    const { slices } = await taking(four, { leftMs: 400 });
    expect(slices).toHaveLength(4);
  });

  test('takes the first slice whatever the time, or the batch would never get smaller', async () => {
    const { taken, slices } = await taking(four, { leftMs: -1, tookMs: () => 5 });
    expect(slices).toEqual([['1']]);
    expect(taken.unprocessed?.sequenceNumber).toBe('2');
  });

  test('adds up what was processed, and nothing else; the lowest watermark counts', async () => {
    const { taken } = await taking(four, { leftMs: 350 });
    expect(taken.books).toMatchObject({ in: 3, applied: 3 });
    expect(missing(taken.books)).toBe(0);
    expect(taken).toMatchObject({ conflicts: 3, watermarkMs: 100 });
  });

  test('a batch without records is done at once', async () => {
    const { taken, slices } = await taking([], { leftMs: 1_000 });
    expect(slices).toEqual([]);
    expect(taken).toMatchObject({ held: [], unprocessed: undefined, watermarkMs: undefined, largestItemBytes: 0 });
  });

  test('the largest item of all slices is the largest item of the batch', async () => {
    const sizes = [5, 70, 6, 70];
    const result = (call: number): object => ({ largestItemBytes: sizes[call], largestItemKey: `key ${String(call)}` });
    const { taken } = await taking(four, { leftMs: 1_000, result });
    expect(taken).toMatchObject({ largestItemBytes: 70, largestItemKey: 'key 1' });
  });
});

/** No time for a pause and a retry, but for every slice. */
const ONCE_MS = 401;

describe('a held partition key', () => {
  const mixed = [record(1, 90, 'A'), record(2, 90, 'B'), record(3, 90, 'A'), record(4, 90, 'B')];
  const isHeld = (partitionKey: string): boolean => partitionKey === 'A';

  test('holds no other: later slices are processed, and what is held keeps its place before them', async () => {
    const { taken, slices, applied } = await taking(mixed, { leftMs: ONCE_MS, isHeld });
    expect(slices).toEqual([['1'], ['1', '2'], ['1', '3'], ['1', '3', '4']]);
    expect(applied).toEqual(['B:2', 'B:4']);
    expect(taken.held).toEqual([{ partitionKey: 'A', sequenceNumber: '1', because: 'throttled' }]);
    expect(taken.books).toEqual({ ...newTally(), in: 4, applied: 2, held: 2 });
  });

  test('goes on with the next slice where its fault is over by then', async () => {
    const { taken, pausesMs, applied } = await taking(mixed, {
      leftMs: ONCE_MS,
      isHeld: (partitionKey, _number, call) => partitionKey === 'A' && call < 2,
    });
    expect(applied).toEqual(['B:2', 'A:1', 'A:3', 'B:4']);
    expect(pausesMs).toEqual([]);
    expect(taken).toMatchObject({ held: [], books: { ...newTally(), in: 4, applied: 4 } });
  });

  test('comes again with the whole aggregate that has a record of it, of which the rest is a repeat', async () => {
    const records = [aggregate(1, ['B', 'A']), record(2, 90, 'B')];
    const { taken, slices, applied } = await taking(records, { leftMs: ONCE_MS, isHeld, sliceBytes: 1 });
    expect(slices.slice(0, 2)).toEqual([['1'], ['1', '2']]);
    expect(applied).toEqual(['B:1', 'B:2']);
    expect(taken.books).toMatchObject({ applied: 2, held: 1 });
    expect(missing(taken.books)).toBe(0);
  });

  test('is processed again in the same invocation, after a pause, from its held record on', async () => {
    const { taken, slices, pausesMs, applied } = await taking(mixed, {
      leftMs: 60_000,
      isHeld: (partitionKey, _number, call) => partitionKey === 'A' && call < 4,
    });
    expect(slices.slice(4)).toEqual([['1', '3']]);
    expect(pausesMs).toEqual([200]);
    expect(applied).toEqual(['B:2', 'B:4', 'A:1', 'A:3']);
    expect(taken).toMatchObject({ held: [], unprocessed: undefined, books: { ...newTally(), in: 4, applied: 4 } });
  });

  test('is tried again with growing pauses, and not without end', async () => {
    const { taken, pausesMs } = await taking(mixed, { leftMs: 1e9, isHeld });
    expect(pausesMs).toEqual([200, 400, 800, 1_600, 3_200, 5_000]);
    expect(taken.held).toEqual([{ partitionKey: 'A', sequenceNumber: '1', because: 'throttled' }]);
    expect(taken.books).toEqual({ ...newTally(), in: 4, applied: 2, held: 2 });
  });

  test('is not waited for where a retry would not end in time', async () => {
    const { pausesMs, tookMs } = await taking(mixed, { leftMs: 1_000, isHeld });
    expect(pausesMs).toEqual([200]);
    expect(tookMs).toBeLessThanOrEqual(1_000);
  });

  test('is reported beside what no time was left for', async () => {
    const { taken } = await taking(mixed, { leftMs: 250, isHeld });
    expect(taken.held.map(({ sequenceNumber }) => sequenceNumber)).toEqual(['1']);
    expect(taken.unprocessed).toMatchObject({ sequenceNumber: '3', count: 2 });
  });
});

describe('whatever is held, whenever', () => {
  const keys = ['A', 'B', 'C'];
  const batches = fc.array(
    fc.oneof(
      fc.record({ key: fc.constantFrom(...keys), bytes: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ keys: fc.array(fc.constantFrom(...keys), { minLength: 1, maxLength: 3 }) }),
    ),
    { maxLength: 12 },
  );
  const worlds = fc.record({
    leftMs: fc.integer({ min: -100, max: 20_000 }),
    tookMs: fc.array(fc.nat(2_000), { minLength: 1, maxLength: 30 }),
    holds: fc.array(fc.subarray(keys), { maxLength: 12 }),
    sliceBytes: fc.integer({ min: 1, max: 300 }),
  });

  test('each key is applied in order, nothing unapplied is before the reported record, and the time is kept', async () => {
    await fc.assert(
      fc.asyncProperty(batches, worlds, async (batch, { leftMs, tookMs, holds, sliceBytes }) => {
        const records = batch.map((one, index) =>
          'key' in one ? record(index + 1, one.bytes, one.key) : aggregate(index + 1, [...new Set(one.keys)]),
        );
        const took = (call: number): number => tookMs[call % tookMs.length] ?? 0;
        const run = await taking(records, {
          leftMs,
          tookMs: took,
          isHeld: (partitionKey, _number, call) => holds[call]?.includes(partitionKey) === true,
          sliceBytes,
        });
        const { taken, applied, slices, pausesMs } = run;

        const events = records.flatMap(eventsOf).map(({ partitionKey, number }) => `${partitionKey}:${String(number)}`);
        for (const key of keys) {
          const own = (all: readonly string[]): readonly string[] => all.filter((one) => one.startsWith(key));
          expect(own(events).slice(0, own(applied).length)).toEqual(own(applied));
        }

        const { held, unprocessed, books } = taken;
        const { batchItemFailures } = batchResponse({ held: [...held, ...(unprocessed ? [unprocessed] : [])] });
        const lowest = Math.min(...batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier)));
        for (const one of events) {
          if (!applied.includes(one)) expect(Number(one.split(':')[1])).toBeGreaterThanOrEqual(lowest);
        }
        expect(new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).size).toBe(
          batchItemFailures.length,
        );

        expect(missing(books)).toBe(0);
        expect(books.applied).toBe(applied.length);
        expect(pausesMs.length).toBeLessThanOrEqual(6);
        // Only what the engine itself takes longer than any time before may end late.
        const slowest = Math.max(0, ...slices.map((_, call) => took(call)));
        expect(run.tookMs).toBeLessThanOrEqual(Math.max(leftMs, 0) + slowest);
      }),
      { numRuns: 300 },
    );
  });
});
