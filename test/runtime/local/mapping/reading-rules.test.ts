import { inTurn, MappingHarness, reports, START_MS, throttled, throwsOn } from '../../../support/mapping-harness.ts';
import type { Answer, HarnessOptions } from '../../../support/mapping-harness.ts';
import { ruleTable } from '../../../support/rule-table.ts';

const DAY_MS = 86_400_000;
const succeeds: Answer = () => null;

const run = async (answer: Answer, options: HarnessOptions, texts = 'abcd'): Promise<MappingHarness> => {
  const harness = new MappingHarness(answer, { reportBatchItemFailures: true, ...options });
  harness.put(...Array.from(texts, (text) => `k:${text}`));
  await harness.advance(2 * DAY_MS);
  return harness;
};

const letters = ({ texts }: MappingHarness): string[] =>
  texts.map((batch) => batch.map((text) => text.slice(2)).join(''));
const secondsOf = ({ calls }: MappingHarness): number[] => calls.map(({ atMs }) => (atMs - START_MS) / 1000);
const discards = (harness: MappingHarness): unknown[] =>
  harness
    .kinds('discarded')
    .map((event) => ['condition' in event ? event.condition : '', 'records' in event ? event.records : 0]);

const KIND = { reading: 'kind' } as const;
const UNKIND = { reading: 'unkind' } as const;
const BISECT = { bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 } as const;

ruleTable('the first record of a batch is the reported one, with bisect', [
  {
    rule: 'kind: the batch is halved, and the bad record ends up alone',
    source: 'ours',
    scenario: async () => {
      const harness = await run(reports('k:b'), { ...BISECT, ...KIND }, 'abcdef');
      return [letters(harness), discards(harness)];
    },
    expected: [['abcdef', 'bcdef', 'bcd', 'bc', 'b', 'b', 'c', 'd', 'ef'], [['RetryAttemptsExhausted', 1]]],
  },
  {
    rule: 'unkind: the whole remainder is tried again as it is, and is given up with its good records',
    source: 'ours',
    scenario: async () => {
      const harness = await run(reports('k:b'), { ...BISECT, ...UNKIND }, 'abcdef');
      return [letters(harness), discards(harness)];
    },
    expected: [['abcdef', 'bcdef', 'bcdef'], [['RetryAttemptsExhausted', 5]]],
  },
  {
    rule: 'both: a throw halves the batch',
    source: 'services-kinesis-batchfailurereporting',
    scenario: async () => [
      letters(await run(throwsOn('k:b'), { ...BISECT, ...KIND })),
      letters(await run(throwsOn('k:b'), { ...BISECT, ...UNKIND })),
    ],
    expected: [
      ['abcd', 'ab', 'a', 'b', 'b', 'cd'],
      ['abcd', 'ab', 'a', 'b', 'b', 'cd'],
    ],
  },
]);

ruleTable('the time between retries', [
  {
    rule: 'kind: it doubles from one second to a minute',
    source: 'ours',
    scenario: async () => secondsOf(await run(reports('k:a'), { ...KIND, maximumRetryAttempts: 8 })),
    expected: [0, 1, 3, 7, 15, 31, 63, 123, 183],
  },
  {
    rule: 'unkind: retries come at once, so that a short fault uses up all of them',
    source: 'ours',
    scenario: async () => secondsOf(await run(reports('k:a'), { ...UNKIND, maximumRetryAttempts: 3 })),
    expected: [0, 0.1, 0.2, 0.3],
  },
  {
    rule: 'both: after a throttled invocation it backs off',
    source: 'kinesis-on-failure-destination',
    scenario: async () => [
      secondsOf(await run(inTurn(throttled, throttled, succeeds), KIND)),
      secondsOf(await run(inTurn(throttled, throttled, succeeds), UNKIND)),
    ],
    expected: [
      [0, 1, 3],
      [0, 1, 3],
    ],
  },
]);

/** Each attempt gets one record further. */
const moving = (): Answer => inTurn(reports('k:b'), reports('k:c'), reports('k:d'), succeeds);

ruleTable('the retries of what a partial success leaves', [
  {
    rule: 'kind: the remainder has all of them again, so that progress is never given up',
    source: 'ours',
    scenario: async () => {
      const harness = await run(moving(), { ...KIND, maximumRetryAttempts: 1 }, 'abcde');
      return [letters(harness), discards(harness)];
    },
    expected: [['abcde', 'bcde', 'cde', 'de'], []],
  },
  {
    rule: 'unkind: the limit is the batch’s, progress or not',
    source: 'ours',
    scenario: async () => {
      const harness = await run(moving(), { ...UNKIND, maximumRetryAttempts: 1 }, 'abcde');
      return [letters(harness), discards(harness)];
    },
    expected: [['abcde', 'bcde'], [['RetryAttemptsExhausted', 3]]],
  },
  {
    rule: 'unkind: a cut of a bisected batch keeps the failures counted so far',
    source: 'ours',
    scenario: async () => {
      const answer = inTurn(reports('k:a'), reports('k:b'), reports('k:b'), succeeds);
      const harness = await run(answer, { ...BISECT, ...UNKIND });
      return [letters(harness), discards(harness)];
    },
    expected: [['abcd', 'abcd', 'bcd'], [['RetryAttemptsExhausted', 3]]],
  },
  {
    rule: 'kind: it forgets them',
    source: 'ours',
    scenario: async () => {
      const reading = { firstRecordReported: 'retried', retries: 'at-once', remainder: 'restarts' } as const;
      const rules = { ...reading, destination: 'once', expired: 'lost' } as const;
      const answer = inTurn(reports('k:a'), reports('k:b'), reports('k:b'), succeeds);
      const harness = await run(answer, { ...BISECT, reading: rules });
      return [letters(harness), discards(harness)];
    },
    expected: [['abcd', 'abcd', 'bcd', 'bcd'], []],
  },
]);

/** A destination that fails once, and how often it was called. */
const failingOnce = (): { readonly sends: () => number; readonly send: () => void } => {
  let sends = 0;
  const send = (): void => {
    if (sends++ === 0) throw new Error('queue is away');
  };
  return { sends: () => sends, send };
};

ruleTable('a failed write to the failure destination', [
  {
    rule: 'kind: it is tried again, and the unit waits',
    source: 'ours',
    scenario: async () => {
      const { sends, send } = failingOnce();
      const options = { ...KIND, onFailure: { kind: 'sqs', send }, maximumRetryAttempts: 0, batchSize: 2 } as const;
      const harness = await run(throwsOn('k:a'), options);
      return [sends(), letters(harness), secondsOf(harness), discards(harness)];
    },
    expected: [2, ['ab', 'cd'], [0, 1], [['RetryAttemptsExhausted', 2]]],
  },
  {
    rule: 'unkind: the document is lost, and the shard goes on',
    source: 'ours',
    scenario: async () => {
      const { sends, send } = failingOnce();
      const options = { ...UNKIND, onFailure: { kind: 'sqs', send }, maximumRetryAttempts: 0, batchSize: 2 } as const;
      const harness = await run(throwsOn('k:a'), options);
      const [failed] = harness.kinds('destination-failed');
      return [sends(), letters(harness), secondsOf(harness), failed && 'dueMs' in failed && failed.dueMs];
    },
    expected: [1, ['ab', 'cd'], [0, 0], undefined],
  },
]);

const RETENTION = { streamRetentionSeconds: 120, batchSize: 2 } as const;

ruleTable('records that the stream’s retention has passed', [
  {
    rule: 'kind: they go to the failure destination',
    source: 'ours',
    scenario: async () => {
      const harness = await run(throwsOn('k:a'), { ...RETENTION, ...KIND });
      return [discards(harness), harness.documents.length];
    },
    expected: [
      [
        ['RecordAgeExceeded', 2],
        ['RecordAgeExceeded', 2],
      ],
      2,
    ],
  },
  {
    rule: 'unkind: they are lost without a document',
    source: 'ours',
    scenario: async () => {
      const harness = await run(throwsOn('k:a'), { ...RETENTION, ...UNKIND });
      return [discards(harness), harness.documents.length];
    },
    expected: [
      [
        ['Expired', 2],
        ['Expired', 2],
      ],
      0,
    ],
  },
  {
    rule: 'both: a maximum record age below the retention documents them before',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const options = { ...RETENTION, maximumRecordAgeInSeconds: 60 };
      const kind = await run(throwsOn('k:a'), { ...options, ...KIND });
      const unkind = await run(throwsOn('k:a'), { ...options, ...UNKIND });
      return [discards(kind), discards(unkind), kind.documents.length, unkind.documents.length];
    },
    expected: [
      [
        ['RecordAgeExceeded', 2],
        ['RecordAgeExceeded', 2],
      ],
      [
        ['RecordAgeExceeded', 2],
        ['RecordAgeExceeded', 2],
      ],
      2,
      2,
    ],
  },
  {
    rule: 'both: on a clock that measures no ages nothing is too old',
    source: 'ours',
    scenario: async () => {
      const answer = inTurn(...Array.from({ length: 200 }, () => throwsOn('k:a')), succeeds);
      const harness = await run(answer, { ...RETENTION, ...KIND, recordClock: () => -Infinity });
      return [letters(harness).at(-1), discards(harness)];
    },
    expected: ['cd', []],
  },
]);

ruleTable('records of other partition keys after the reported one', [
  {
    rule: 'both: they are delivered again with it',
    source: 'services-kinesis-batchfailurereporting',
    scenario: async () => {
      const delivered = async (options: HarnessOptions): Promise<unknown> => {
        const harness = new MappingHarness(inTurn(reports('a:2'), succeeds), {
          reportBatchItemFailures: true,
          ...options,
        });
        harness.put('a:1', 'a:2', 'b:1', 'c:1');
        await harness.advance(DAY_MS);
        return harness.texts;
      };
      return [await delivered(KIND), await delivered(UNKIND)];
    },
    expected: [
      [
        ['a:1', 'a:2', 'b:1', 'c:1'],
        ['a:2', 'b:1', 'c:1'],
      ],
      [
        ['a:1', 'a:2', 'b:1', 'c:1'],
        ['a:2', 'b:1', 'c:1'],
      ],
    ],
  },
]);
