import { describe, expect, test } from '@jest/globals';
import { MemoryLog } from '../../../../shared/runtime/local/log/memory-log.ts';
import { compileFilter } from '../../../../shared/runtime/local/mapping/record-filter.ts';
import { isMappingSnapshot } from '../../../../shared/runtime/local/mapping/mapping-snapshot.ts';
import {
  inTurn,
  MappingHarness,
  reports,
  START_MS,
  throttled,
  throwsOn,
  type Answer,
  type HarnessOptions,
} from '../../../support/mapping-harness.ts';

const harnessOf = (shards: number, answer: Answer, options: HarnessOptions): MappingHarness =>
  new MappingHarness(answer, options, new MemoryLog(), shards);

describe('the next time at which something is due', () => {
  test('is the earliest of all shards, and none where nothing waits', async () => {
    const harness = harnessOf(4, throwsOn('a:1'), { maximumBatchingWindowSeconds: 0, maximumRetryAttempts: 9 });
    expect(harness.mapping.nextDueMs()).toBeUndefined();
    harness.put('a:1');
    await harness.settle();
    const retryMs = harness.mapping.nextDueMs() ?? NaN;
    expect(retryMs).toBeGreaterThan(harness.nowMs);
    harness.answer = throttled;
    harness.nowMs += 1;
    harness.put('b:1', 'c:1', 'd:1', 'e:1');
    await harness.settle();
    expect(harness.mapping.nextDueMs()).toBe(retryMs);
    harness.answer = () => null;
    await harness.advance(60_000);
    expect(harness.mapping.nextDueMs()).toBeUndefined();
  });

  test('is the end of the batching window of the shard that began it first', async () => {
    const harness = harnessOf(4, () => null, { maximumBatchingWindowSeconds: 10, batchSize: 100 });
    const puts: readonly string[] = ['a:1', 'b:1', 'c:1', 'd:1'];
    for (const text of puts) {
      harness.put(text);
      await harness.settle();
      harness.nowMs += 1_000;
    }
    expect(harness.mapping.nextDueMs()).toBe(START_MS + 10_000);
    await harness.advance(20_000);
    expect(harness.calls.map(({ atMs }) => atMs - START_MS).toSorted((a, b) => a - b)[0]).toBe(10_000);
  });
});

describe('a mapping that goes on where another process stood', () => {
  test('and was active waits for no activation', async () => {
    const harness = new MappingHarness(() => null, { activationDelayMs: 5_000 });
    harness.put('k:1');
    await harness.settle();
    expect(harness.calls).toEqual([]);
    await harness.advance(5_000);
    expect(harness.texts).toEqual([['k:1']]);
    harness.restart();
    harness.put('k:2');
    await harness.settle();
    expect(harness.texts).toEqual([['k:1'], ['k:2']]);
  });

  test('and was not yet active waits from its first poll on', async () => {
    const harness = new MappingHarness(() => null, { activationDelayMs: 5_000 });
    harness.put('k:1');
    await harness.settle();
    harness.restart();
    await harness.advance(4_999);
    expect(harness.calls).toEqual([]);
    await harness.advance(1);
    expect(harness.texts).toEqual([['k:1']]);
  });

  test('begins a shard that it had not begun after the number at which the first one was made', async () => {
    const harness = new MappingHarness(() => null, { startingPosition: 'TRIM_HORIZON' });
    harness.put('k:old');
    harness.restart({ startingPosition: 'LATEST' });
    const snapshot: unknown = JSON.parse(JSON.stringify(harness.mapping.snapshot()));
    expect(isMappingSnapshot(snapshot)).toBe(true);
    const latest = new MappingHarness(() => null, { startingPosition: 'LATEST' }, harness.log);
    const made = latest.mapping.snapshot();
    expect([made.shards, typeof made.startedAfter]).toEqual([[], 'string']);
    latest.restart();
    expect(latest.mapping.snapshot()).toEqual(made);
    latest.put('k:new');
    await latest.settle();
    expect(latest.texts).toEqual([['k:new']]);
  });

  test('with another parallelisation factor begins at the slowest unit, and delivers again what others had done', async () => {
    const harness = new MappingHarness(throwsOn('b:2'), {
      parallelizationFactor: 4,
      maximumRetryAttempts: 99,
      batchSize: 1,
    });
    harness.put('a:1', 'b:1', 'c:1', 'd:1', 'a:2', 'b:2', 'c:2', 'd:2');
    await harness.settle();
    const done = harness.calls.length;
    expect(harness.mapping.lag()).toBeGreaterThan(0);
    harness.answer = () => null;
    harness.restart({ parallelizationFactor: 1, batchSize: 100, maximumRetryAttempts: 99 });
    await harness.advance(60_000);
    const again = harness.texts.slice(done).flat();
    expect(again).toContain('b:2');
    expect(again).not.toContain('a:1');
    expect(harness.mapping.lag()).toBe(0);
  });

  test('with another factor before any record was done begins at the beginning', async () => {
    const harness = new MappingHarness(throttled, { parallelizationFactor: 2 });
    harness.put('a:1', 'b:1');
    await harness.settle();
    harness.calls.length = 0;
    harness.answer = () => null;
    harness.restart({ parallelizationFactor: 3 });
    await harness.advance(60_000);
    expect(harness.texts.flat().toSorted()).toEqual(['a:1', 'b:1']);
  });
});

describe('a response that names no record of its batch', () => {
  test.each([
    [{ batchItemFailures: [{}] }, 'an entry of batchItemFailures has no itemIdentifier'],
    [{ batchItemFailures: [7] }, 'an entry of batchItemFailures has no itemIdentifier'],
    [{ batchItemFailures: [{ itemIdentifier: null }] }, 'an itemIdentifier is null, empty or no text'],
    [{ batchItemFailures: [{ itemIdentifier: '' }] }, 'an itemIdentifier is null, empty or no text'],
    [{ batchItemFailures: [{ itemIdentifier: '12' }] }, "itemIdentifier '12' is not in the batch"],
    [{ batchItemFailures: [{ itemIdentifier: 'x1' }] }, "itemIdentifier 'x1' is not in the batch"],
    [{ batchItemFailures: {} }, 'batchItemFailures is not a list'],
    [[], 'the response is not an object'],
    ['done', 'the response is not an object'],
  ])('fails the whole batch, and the event says why: %j', async (response, reason) => {
    const harness = new MappingHarness(
      inTurn(
        () => response,
        () => null,
      ),
      {
        reportBatchItemFailures: true,
        maximumRetryAttempts: 3,
      },
    );
    harness.put('k:1', 'k:2');
    await harness.settle();
    expect(harness.kinds('retried')).toMatchObject([{ records: 2, failures: 1, reason }]);
  });
});

describe('a tumbling window', () => {
  const windowed = { tumblingWindowInSeconds: 10, reportBatchItemFailures: true, maximumRetryAttempts: 0 } as const;

  test('needs a state in each response, whatever else it says', async () => {
    for (const response of [null, undefined, '', {}, { batchItemFailures: [] }, { state: undefined }, { state: 1n }]) {
      const harness = new MappingHarness(
        inTurn(
          () => response,
          () => ({ state: {} }),
        ),
        { ...windowed, maximumRetryAttempts: 5 },
      );
      harness.put('k:1');
      await harness.settle();
      expect(harness.kinds('retried')).toMatchObject([
        { reason: 'the response of a tumbling window must contain state' },
      ]);
    }
  });

  test('keeps the state of a response that reports a record', async () => {
    const harness = new MappingHarness(
      inTurn(
        ({ records }) => ({ state: { n: 1 }, batchItemFailures: [{ itemIdentifier: records[1]?.sequenceNumber }] }),
        () => ({ state: { n: 2 } }),
      ),
      { ...windowed, maximumRetryAttempts: 5 },
    );
    harness.put('k:1', 'k:2');
    await harness.advance(5_000);
    expect(harness.calls.map(({ texts, window }) => [texts, window?.state])).toEqual([
      [['k:1', 'k:2'], {}],
      [['k:2'], { n: 1 }],
    ]);
  });

  test('that ends says so, and the next begins with an empty state', async () => {
    const harness = new MappingHarness(({ records }) => ({ state: { n: records.length } }), windowed);
    harness.put('k:1');
    await harness.advance(12_000);
    expect(harness.kinds('window-closed')).toMatchObject([{ early: false }]);
    harness.put('k:2');
    await harness.settle();
    expect(harness.calls.map(({ window }) => [window?.isFinalInvokeForWindow, window?.state])).toEqual([
      [false, {}],
      [true, { n: 1 }],
      [false, {}],
    ]);
  });

  test('whose end fails is ended again, with longer and longer delays', async () => {
    const harness = new MappingHarness(({ records }) => {
      if (records.length === 0) throw new Error('no end');
      return { state: {} };
    }, windowed);
    harness.put('k:1');
    await harness.advance(20_000);
    const failed = harness.kinds('window-close-failed');
    expect(failed.length).toBeGreaterThan(2);
    const delays = failed.map((event) => ('dueMs' in event ? Number(event.dueMs) : NaN) - event.nowMs);
    expect(delays.slice(0, 3)).toEqual([delays[0], 2 * (delays[0] ?? 0), 4 * (delays[0] ?? 0)]);
    expect(failed[0]).toMatchObject({ reason: 'Error: no end' });
  });
});

describe('a numeric rule', () => {
  const compile = (numeric: unknown): ReturnType<typeof compileFilter> =>
    compileFilter({ filters: [{ pattern: JSON.stringify({ data: { n: [{ numeric }] } }) }] });

  test.each([[[]], [['=']], [['=', 1, '<']], [['=', 1, '<', 2, '>', 3]], [['=', '1']], [['!', 1]], [[1, '=']], [{}]])(
    'is refused where it is no list of one or two comparisons: %j',
    (numeric) => {
      expect(() => compile(numeric)).toThrow(/one or two of = < <= > >=, each followed by a number/u);
    },
  );

  test.each([
    [
      ['=', 5],
      [false, true, false],
    ],
    [
      ['<', 5],
      [true, false, false],
    ],
    [
      ['<=', 5],
      [true, true, false],
    ],
    [
      ['>', 5],
      [false, false, true],
    ],
    [
      ['>=', 5],
      [false, true, true],
    ],
    [
      ['>', 4, '<', 6],
      [false, true, false],
    ],
    [
      ['>=', 4, '<=', 5],
      [true, true, false],
    ],
  ])('%j holds for 4, 5, 6: %j', (numeric, expected) => {
    const passes = compile(numeric);
    expect([4, 5, 6].map((n) => passes(Buffer.from(JSON.stringify({ n }))))).toEqual(expected);
    expect(passes(Buffer.from('{"n":"5"}'))).toBe(false);
  });
});

describe('a reported record', () => {
  test('with a lower one in the same response counts for nothing', async () => {
    const harness = new MappingHarness(
      inTurn(reports('k:3', 'k:2'), () => null),
      {
        reportBatchItemFailures: true,
        maximumRetryAttempts: 5,
        batchSize: 10,
      },
    );
    harness.put('k:1', 'k:2', 'k:3', 'k:4');
    await harness.advance(5_000);
    expect(harness.texts).toEqual([
      ['k:1', 'k:2', 'k:3', 'k:4'],
      ['k:2', 'k:3', 'k:4'],
    ]);
  });
});
