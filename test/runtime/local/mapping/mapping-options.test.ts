import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkOptions, READINGS } from '../../../../shared/runtime/local/mapping/mapping-options.ts';

const START = { startingPosition: 'TRIM_HORIZON' } as const;

test('what is left out, or given as undefined, has the default of AWS', () => {
  const leftOut: Record<string, unknown> = { batchSize: undefined };
  expect(checkOptions({ ...START, ...leftOut })).toMatchObject({
    batchSize: 100,
    maximumBatchingWindowSeconds: 0,
    parallelizationFactor: 1,
    reportBatchItemFailures: false,
    bisectBatchOnFunctionError: false,
    maximumRetryAttempts: -1,
    maximumRecordAgeInSeconds: -1,
    tumblingWindowInSeconds: 0,
  });
});

test.each([
  ['batchSize', 1, 10_000, []],
  ['maximumBatchingWindowSeconds', 0, 300, []],
  ['parallelizationFactor', 1, 10, []],
  ['maximumRetryAttempts', 0, 10_000, [-1]],
  ['maximumRecordAgeInSeconds', 60, 604_800, [-1]],
  ['tumblingWindowInSeconds', 0, 900, []],
] as const)('%s takes the whole range of AWS and nothing else', (name, from, to, others) => {
  const taken = (value: number): boolean => {
    try {
      checkOptions({ ...START, [name]: value });
      return true;
    } catch (error) {
      expect(String(error)).toMatch(
        new RegExp(`^RangeError: ${name} must be .*${String(from)} to ${String(to)}, got `),
      );
      return false;
    }
  };
  const near = fc.oneof(fc.integer({ min: from - 5, max: from + 5 }), fc.integer({ min: to - 5, max: to + 5 }));
  fc.assert(
    fc.property(fc.oneof(near, fc.integer(), fc.double()), (value) => {
      const isInRange = Number.isInteger(value) && value >= from && value <= to;
      expect(taken(value)).toBe(isInRange || others.some((other) => other === value));
    }),
  );
});

test('a timestamp and AT_TIMESTAMP belong together', () => {
  expect(() => checkOptions({ startingPosition: 'AT_TIMESTAMP' })).toThrow(/belongs to startingPosition AT_TIMESTAMP/);
  expect(() => checkOptions({ ...START, startingPositionTimestampMs: 5 })).toThrow(/got 5 with TRIM_HORIZON/);
  expect(checkOptions({ startingPosition: 'AT_TIMESTAMP', startingPositionTimestampMs: 5 })).toBeDefined();
});

test('a concurrency of nothing is refused', () => {
  expect(() => checkOptions({ ...START, maximumConcurrency: 0 })).toThrow(/maximumConcurrency must be .* got 0/);
});

test('a starting position that AWS does not know is refused', () => {
  const unknown: object = { startingPosition: 'EARLIEST' };
  expect(() => checkOptions({ ...START, ...unknown })).toThrow(/startingPosition must be one of .* got "EARLIEST"/);
});

test('a reading is kind unless it says otherwise, and may be mixed rule by rule', () => {
  expect(checkOptions(START).silent).toEqual(READINGS.kind);
  expect(checkOptions({ ...START, reading: 'unkind' }).silent).toEqual(READINGS.unkind);
  const mixed = { ...READINGS.kind, destination: 'once' } as const;
  expect(checkOptions({ ...START, reading: mixed }).silent).toEqual(mixed);
});

test('the two readings differ in every rule', () => {
  for (const [rule, kind] of Object.entries(READINGS.kind)) {
    expect(Object.entries(READINGS.unkind)).not.toContainEqual([rule, kind]);
  }
});
