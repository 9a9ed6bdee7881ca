import type { InvocationBatch } from '../../../../shared/runtime/local/mapping/invocation.ts';
import { inTurn, MappingHarness, START_MS } from '../../../support/mapping-harness.ts';
import type { Answer, HarnessOptions } from '../../../support/mapping-harness.ts';
import { ruleTable } from '../../../support/rule-table.ts';

const MINUTE_MS = 60_000;
const MEGABYTE = 1024 * 1024;

const countOf = ({ window }: InvocationBatch): number => {
  const state = window?.state;
  return typeof state === 'object' && state !== null && 'n' in state ? Number(state.n) : 0;
};

/** Counts the records of a window in its state. */
const counting: Answer = (batch) => ({ state: { n: countOf(batch) + batch.records.length } });

const windowed = (answer: Answer, options: HarnessOptions = {}): MappingHarness =>
  new MappingHarness(answer, { tumblingWindowInSeconds: 60, ...options });

/** Each call as: minute of the window, texts, state, and F for the final, E for an early one. */
const seen = ({ calls }: MappingHarness): unknown[] =>
  calls.map(({ texts, window }) => [
    ((window?.startMs ?? 0) - START_MS) / MINUTE_MS,
    texts.map((text) => text.slice(2)).join(''),
    window?.state,
    `${window?.isFinalInvokeForWindow === true ? 'F' : ''}${window?.isWindowTerminatedEarly === true ? 'E' : ''}`,
  ]);

ruleTable('tumbling windows', [
  {
    rule: 'each invocation of a window gets the state that the one before returned; the last one is final and has no records',
    source: 'services-kinesis-windows',
    scenario: async () => {
      const harness = windowed(counting, { batchSize: 2 });
      harness.put('k:a', 'k:b', 'k:c');
      await harness.advance(MINUTE_MS);
      return seen(harness);
    },
    expected: [
      [0, 'ab', {}, ''],
      [0, 'c', { n: 2 }, ''],
      [0, '', { n: 3 }, 'F'],
    ],
  },
  {
    rule: 'a window ends when its time is over',
    source: 'services-kinesis-windows',
    scenario: async () => {
      const harness = windowed(counting);
      harness.nowMs += 20_000;
      harness.put('k:a');
      await harness.settle();
      const dueMs = (harness.mapping.nextDueMs() ?? 0) - START_MS;
      await harness.advance(39_999);
      const before = harness.calls.length;
      await harness.advance(1);
      return [dueMs, before, harness.calls.length, harness.mapping.nextDueMs()];
    },
    expected: [60_000, 1, 2, undefined],
  },
  {
    rule: 'a batch holds records of one window; the next window begins with an empty state',
    source: 'services-kinesis-windows',
    scenario: async () => {
      const harness = windowed(counting);
      harness.put('k:a', 'k:b');
      harness.nowMs += MINUTE_MS;
      harness.put('k:c');
      harness.nowMs += 5 * MINUTE_MS;
      harness.put('k:d');
      await harness.advance(MINUTE_MS);
      return seen(harness);
    },
    expected: [
      [0, 'ab', {}, ''],
      [0, '', { n: 2 }, 'F'],
      [1, 'c', {}, ''],
      [1, '', { n: 1 }, 'F'],
      [6, 'd', {}, ''],
      [6, '', { n: 1 }, 'F'],
    ],
  },
  {
    rule: 'a batch waits for its batching window no longer than for the end of its tumbling window',
    source: 'ours',
    scenario: async () => {
      const harness = windowed(counting, { maximumBatchingWindowSeconds: 300 });
      harness.nowMs += 20_000;
      harness.put('k:a');
      await harness.advance(2 * MINUTE_MS);
      return harness.calls.map(({ atMs }) => (atMs - START_MS) / 1000);
    },
    expected: [60, 60],
  },
  {
    rule: 'a record that arrived before the open window joins it',
    source: 'ours',
    scenario: async () => {
      const harness = windowed(counting);
      harness.nowMs += MINUTE_MS;
      harness.put('k:a');
      harness.nowMs -= 1;
      harness.put('k:b');
      await harness.advance(MINUTE_MS + 1);
      return seen(harness);
    },
    expected: [
      [1, 'ab', {}, ''],
      [1, '', { n: 2 }, 'F'],
    ],
  },
  {
    rule: 'a response without state is a failure, in the final invocation too',
    source: 'services-kinesis-windows',
    scenario: async () => {
      const harness = windowed(
        inTurn(
          () => null,
          counting,
          () => ({}),
          counting,
        ),
      );
      harness.put('k:a');
      await harness.advance(2 * MINUTE_MS);
      return seen(harness);
    },
    expected: [
      [0, 'a', {}, ''],
      [0, 'a', {}, ''],
      [0, '', { n: 1 }, 'F'],
      [0, '', { n: 1 }, 'F'],
    ],
  },
  {
    rule: 'a final invocation that fails stops the shard until it succeeds, whatever the retry limit',
    source: 'services-kinesis-windows',
    scenario: async () => {
      const answer: Answer = (batch) => {
        if (batch.window?.isFinalInvokeForWindow === true && harness.calls.length < 6) throw new Error('table is away');
        return counting(batch, { atMs: 0, shardId: '', texts: [] });
      };
      const harness: MappingHarness = windowed(answer, { maximumRetryAttempts: 0 });
      harness.put('k:a');
      await harness.advance(MINUTE_MS);
      harness.put('k:b');
      await harness.advance(MINUTE_MS);
      return [harness.calls.map(({ texts, atMs }) => [texts.length, (atMs - START_MS) / 1000]), harness.documents];
    },
    expected: [
      [
        [1, 0],
        [0, 60],
        [0, 61],
        [0, 63],
        [0, 67],
        [0, 75],
        [1, 75],
        [0, 120],
      ],
      [],
    ],
  },
  {
    rule: 'a state above 1 MB ends the window early; the window goes on with an empty state',
    source: 'services-kinesis-windows',
    scenario: async () => {
      const big = { big: 'x'.repeat(MEGABYTE) };
      const harness = windowed(
        inTurn(() => ({ state: big }), counting),
        { batchSize: 1 },
      );
      harness.put('k:a', 'k:b');
      await harness.advance(MINUTE_MS);
      return harness.calls.map(({ texts, window }) => [
        texts.length,
        JSON.stringify(window?.state).length > MEGABYTE,
        window?.isFinalInvokeForWindow,
        window?.isWindowTerminatedEarly,
        ((window?.startMs ?? 0) - START_MS) / MINUTE_MS,
      ]);
    },
    expected: [
      [1, false, false, false, 0],
      [0, true, true, true, 0],
      [1, false, false, false, 0],
      [0, false, true, false, 0],
    ],
  },
  {
    rule: 'a state of exactly 1 MB does not',
    source: 'services-kinesis-windows',
    scenario: async () => {
      const harness = windowed(inTurn(() => ({ state: 'x'.repeat(MEGABYTE - 2) }), counting));
      harness.put('k:a');
      await harness.settle();
      return harness.calls.length;
    },
    expected: 1,
  },
  {
    rule: 'a state that JSON cannot hold is a failure',
    source: 'ours',
    scenario: async () => {
      const harness = windowed(
        inTurn(
          () => ({ state: 1n }),
          () => ({ state: undefined }),
          counting,
        ),
      );
      harness.put('k:a');
      await harness.advance(10_000);
      return seen(harness).length;
    },
    expected: 3,
  },
  {
    rule: 'after a partial success the state counts, since what is before the checkpoint is not delivered again',
    source: 'ours',
    scenario: async () => {
      const partial: Answer = ({ records }) => ({
        state: { n: 1 },
        batchItemFailures: [{ itemIdentifier: records[1]?.sequenceNumber }],
      });
      const harness = windowed(inTurn(partial, counting), { reportBatchItemFailures: true });
      harness.put('k:a', 'k:b');
      await harness.advance(10_000);
      return seen(harness);
    },
    expected: [
      [0, 'ab', {}, ''],
      [0, 'b', { n: 1 }, ''],
    ],
  },
  {
    rule: 'after a failure the state is the one from before',
    source: 'ours',
    scenario: async () => {
      const harness = windowed(
        inTurn(counting, () => Promise.reject(new Error('no')), counting),
        { batchSize: 1 },
      );
      harness.put('k:a', 'k:b');
      await harness.advance(10_000);
      return seen(harness);
    },
    expected: [
      [0, 'a', {}, ''],
      [0, 'b', { n: 1 }, ''],
      [0, 'b', { n: 1 }, ''],
    ],
  },
  {
    rule: 'a window of a closed shard ends with its last record',
    source: 'ours',
    scenario: async () => {
      const harness = windowed(counting);
      harness.put('k:a');
      harness.log.split('s', 'shardId-000000000000');
      await harness.settle();
      return [seen(harness), harness.kinds('drained').length];
    },
    expected: [
      [
        [0, 'a', {}, ''],
        [0, '', { n: 1 }, 'F'],
      ],
      1,
    ],
  },
  {
    rule: 'a state is a copy: what the function does to it later is not seen',
    source: 'ours',
    scenario: async () => {
      const mine = { n: 1 };
      const harness = windowed(
        inTurn(
          () => ({ state: mine }),
          () => {
            mine.n = 99;
            throw new Error('no');
          },
          counting,
        ),
        { batchSize: 1 },
      );
      harness.put('k:a', 'k:b');
      await harness.advance(10_000);
      return seen(harness).at(-1);
    },
    expected: [0, 'b', { n: 1 }, ''],
  },
  {
    rule: 'a window survives the process: state and the final invocation that is due',
    source: 'ours',
    scenario: async () => {
      const harness = windowed(inTurn(counting, () => ({}), counting));
      harness.put('k:a');
      await harness.settle();
      harness.restart();
      await harness.advance(MINUTE_MS);
      harness.restart();
      await harness.advance(MINUTE_MS);
      return seen(harness);
    },
    expected: [
      [0, 'a', {}, ''],
      [0, '', { n: 1 }, 'F'],
      [0, '', { n: 1 }, 'F'],
    ],
  },
]);
