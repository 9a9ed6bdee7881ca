import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { missing, newTally } from '../../../shared/engine/books.ts';
import type { BatchResult } from '../../../shared/engine/engine.ts';
import { recordSlices } from '../../../shared/runtime/lambda/record-slices.ts';
import { takeBatch, type TakenBatch } from '../../../shared/runtime/lambda/take-batch.ts';
import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';

const record = (number: number, sizeBytes: number, partitionKey = 'A'): DeliveredRecord => ({
  partitionKey,
  sequenceNumber: String(number),
  data: new Uint8Array(sizeBytes),
  arrivalMs: 0,
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

/** An engine that takes so long for each slice, and tells for each what became of it. */
const taking = async (
  records: readonly DeliveredRecord[],
  { leftMs, tookMs, held = [] }: { leftMs: number; tookMs: readonly number[]; held?: readonly BatchResult['held'][] },
): Promise<{ readonly taken: TakenBatch; readonly slices: readonly (readonly string[])[] }> => {
  let clockMs = 1_000;
  const slices: (readonly string[])[] = [];
  const engine = {
    process: (slice: readonly DeliveredRecord[]): Promise<BatchResult> => {
      const index = slices.length;
      slices.push(numbers(slice));
      clockMs += tookMs[index] ?? 0;
      const books = { ...newTally(), in: slice.length, applied: slice.length };
      return Promise.resolve({ held: held[index] ?? [], books, conflicts: 1, watermarkMs: 100 + index });
    },
  };
  const options = { nowMs: () => clockMs, deadlineMs: clockMs + leftMs, sliceBytes: 100 };
  return { taken: await takeBatch(engine, records, options), slices };
};

/** Each a slice of its own. */
const four = [record(1, 90), record(2, 90), record(3, 90), record(4, 90)];

describe('the deadline guard', () => {
  test('takes all slices while there is time', async () => {
    const { taken, slices } = await taking(four, { leftMs: 1_000, tookMs: [100, 100, 100, 100] });
    expect(slices).toEqual([['1'], ['2'], ['3'], ['4']]);
    expect(taken.untaken).toBeUndefined();
  });

  test('leaves a slice that could not be committed in time, and reports its first record', async () => {
    const { taken, slices } = await taking(four, { leftMs: 250, tookMs: [100, 100, 100, 100] });
    expect(slices).toEqual([['1'], ['2']]);
    expect(taken.untaken).toEqual({ partitionKey: 'A', sequenceNumber: '3', count: 2, because: 'no-time' });
  });

  test('reckons with the slowest slice so far, not with the last one', async () => {
    const { slices } = await taking(four, { leftMs: 400, tookMs: [250, 10, 10, 10] });
    expect(slices).toEqual([['1']]);
  });

  test('takes a slice that just ends in time', async () => {
    const { slices } = await taking(four, { leftMs: 400, tookMs: [100, 100, 100, 100] });
    expect(slices).toHaveLength(4);
  });

  test('takes the first slice whatever the time, or the batch would never get smaller', async () => {
    const { taken, slices } = await taking(four, { leftMs: -1, tookMs: [5] });
    expect(slices).toEqual([['1']]);
    expect(taken.untaken?.sequenceNumber).toBe('2');
  });

  test('stops behind a slice with a held lane, because all behind the lowest failure is delivered again', async () => {
    const lane = { partitionKey: 'A', sequenceNumber: '2', because: 'throttled' };
    const { taken, slices } = await taking(four, { leftMs: 1_000, tookMs: [], held: [[], [lane]] });
    expect(slices).toEqual([['1'], ['2']]);
    expect(taken.held).toEqual([lane]);
    expect(taken.untaken).toEqual({ partitionKey: 'A', sequenceNumber: '3', count: 2, because: 'lane-held' });
  });

  test('a held lane in the last slice leaves nothing untaken', async () => {
    const lane = { partitionKey: 'A', sequenceNumber: '1', because: 'throttled' };
    const { taken } = await taking(four.slice(0, 1), { leftMs: 1_000, tookMs: [], held: [[lane]] });
    expect(taken).toMatchObject({ held: [lane], untaken: undefined });
  });

  test('adds up what was taken, and nothing else; the lowest watermark counts', async () => {
    const { taken } = await taking(four, { leftMs: 350, tookMs: [100, 100, 100, 100] });
    expect(taken.books).toMatchObject({ in: 3, applied: 3 });
    expect(missing(taken.books)).toBe(0);
    expect(taken).toMatchObject({ conflicts: 3, watermarkMs: 100 });
  });

  test('a batch without records is taken at once', async () => {
    const { taken, slices } = await taking([], { leftMs: 1_000, tookMs: [] });
    expect(slices).toEqual([]);
    expect(taken).toMatchObject({ held: [], untaken: undefined, watermarkMs: undefined });
  });
});
