import { inTurn, MappingHarness, reports, START_MS, throttled, throwsOn } from '../../../support/mapping-harness.ts';
import type { Answer, HarnessOptions } from '../../../support/mapping-harness.ts';
import { ruleTable } from '../../../support/rule-table.ts';

const DAY_MS = 86_400_000;
const succeeds: Answer = () => null;

/** A run over records of one key, up to a week long. */
const run = async (answer: Answer, options: HarnessOptions, texts = 'abcd'): Promise<MappingHarness> => {
  const harness = new MappingHarness(answer, options);
  harness.put(...Array.from(texts, (text) => `k:${text}`));
  await harness.advance(7 * DAY_MS);
  return harness;
};

const letters = ({ texts }: MappingHarness): string[] =>
  texts.map((batch) => batch.map((text) => text.slice(2)).join(''));
const seconds = ({ calls }: MappingHarness): number[] => calls.map(({ atMs }) => (atMs - START_MS) / 1000);

/** Of each document: condition, invocations, number of records. */
const summaries = ({ documents }: MappingHarness): unknown[] =>
  documents.map(({ requestContext, KinesisBatchInfo }) => [
    field(requestContext, 'condition'),
    field(requestContext, 'approximateInvokeCount'),
    field(KinesisBatchInfo, 'batchSize'),
  ]);
const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

ruleTable('retries', [
  {
    rule: 'without limits a batch is retried until it succeeds, and its shard waits',
    source: 'kinesis-on-failure-destination',
    scenario: async () => {
      const answer = inTurn(...Array.from({ length: 20 }, () => throwsOn('k:a')), succeeds);
      const harness = await run(answer, { batchSize: 2 });
      return [letters(harness).length, letters(harness).at(-2), letters(harness).at(-1), harness.documents];
    },
    expected: [22, 'ab', 'cd', []],
  },
  {
    rule: 'maximumRetryAttempts 2 is three invocations, then the batch is discarded and the shard goes on',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const harness = await run(throwsOn('k:a'), { batchSize: 2, maximumRetryAttempts: 2 });
      return [letters(harness), summaries(harness)];
    },
    expected: [['ab', 'ab', 'ab', 'cd'], [['RetryAttemptsExhausted', 3, 2]]],
  },
  {
    rule: 'maximumRetryAttempts 0 is one invocation',
    source: 'services-kinesis-parameters',
    scenario: async () => letters(await run(throwsOn('k:a'), { maximumRetryAttempts: 0, batchSize: 3 })),
    expected: ['abc', 'd'],
  },
  {
    rule: 'each batch has its own retries',
    source: 'services-kinesis-parameters',
    scenario: async () => letters(await run(throwsOn('k:a', 'k:c'), { maximumRetryAttempts: 1, batchSize: 2 })),
    expected: ['ab', 'ab', 'cd', 'cd'],
  },
  {
    rule: 'what is discarded is the rest of the batch, records that never failed included',
    source: 'kinesis-on-failure-destination',
    scenario: async () => {
      const harness = await run(reports('k:b'), { reportBatchItemFailures: true, maximumRetryAttempts: 2 });
      return [letters(harness), summaries(harness)];
    },
    expected: [['abcd', 'bcd', 'bcd'], [['RetryAttemptsExhausted', 3, 3]]],
  },
  {
    rule: 'the delay before a retry doubles from one second to a minute',
    source: 'ours',
    scenario: async () => seconds(await run(throwsOn('k:a'), { maximumRetryAttempts: 8 })),
    expected: [0, 1, 3, 7, 15, 31, 63, 123, 183],
  },
]);

ruleTable('throttling', [
  {
    rule: 'an invocation that was throttled is no attempt',
    source: 'kinesis-on-failure-destination',
    scenario: async () => {
      const answer = inTurn(throttled, throttled, throwsOn('k:a'), throttled, succeeds);
      const harness = await run(answer, { maximumRetryAttempts: 1 });
      return [letters(harness).length, harness.documents, harness.kinds('throttled').length];
    },
    expected: [5, [], 3],
  },
  {
    rule: 'a throttled batch is not divided',
    source: 'ours',
    scenario: async () => letters(await run(inTurn(throttled, succeeds), { bisectBatchOnFunctionError: true })),
    expected: ['abcd', 'abcd'],
  },
  {
    rule: 'throttling goes on until the records are too old, whatever the retry limit',
    source: 'kinesis-on-failure-destination',
    scenario: async () => {
      const harness = await run(throttled, { maximumRetryAttempts: 0, maximumRecordAgeInSeconds: 60 });
      return [letters(harness).length, summaries(harness)];
    },
    expected: [6, [['RecordAgeExceeded', 0, 4]]],
  },
]);

ruleTable('record age', [
  {
    rule: 'a record older than maximumRecordAgeInSeconds is discarded, one as old is delivered',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const harness = new MappingHarness(succeeds, { maximumRecordAgeInSeconds: 60 });
      harness.put('k:old');
      harness.nowMs += 1;
      harness.put('k:young');
      harness.nowMs += 60_000;
      await harness.settle();
      return [harness.texts, summaries(harness)];
    },
    expected: [[['k:young']], [['RecordAgeExceeded', 0, 1]]],
  },
  {
    rule: 'a batch that fails until it is too old is discarded, however many retries are left',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const harness = await run(throwsOn('k:a'), { maximumRecordAgeInSeconds: 60, batchSize: 2 });
      return [seconds(harness), summaries(harness)];
    },
    expected: [
      [0, 1, 3, 7, 15, 31],
      [
        ['RecordAgeExceeded', 6, 2],
        ['RecordAgeExceeded', 0, 2],
      ],
    ],
  },
  {
    rule: 'a batch whose front alone is too old loses its front, and keeps its attempts',
    source: 'ours',
    scenario: async () => {
      const harness = new MappingHarness(throwsOn('k:b'), {
        maximumRecordAgeInSeconds: 60,
        maximumRetryAttempts: 8,
        maximumBatchingWindowSeconds: 40,
      });
      harness.put('k:a');
      await harness.advance(30_000);
      harness.put('k:b');
      await harness.advance(DAY_MS);
      return [harness.texts, seconds(harness), summaries(harness)];
    },
    expected: [
      [['k:a', 'k:b'], ['k:a', 'k:b'], ['k:a', 'k:b'], ['k:a', 'k:b'], ['k:a', 'k:b'], ['k:b']],
      [40, 41, 43, 47, 55, 71],
      [
        ['RecordAgeExceeded', 5, 1],
        ['RecordAgeExceeded', 6, 1],
      ],
    ],
  },
  {
    rule: 'without a maximum age the stream’s retention is the limit, if it has one',
    source: 'kinesis-on-failure-destination',
    scenario: async () => {
      const harness = await run(throwsOn('k:a'), { streamRetentionSeconds: 86_400 });
      return [summaries(harness).length, seconds(harness).at(-1)];
    },
    expected: [1, 86_400 - 57],
  },
]);

const BISECT = { bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 } as const;

ruleTable('bisect', [
  {
    rule: 'a batch that failed is halved until the bad record is alone; only there retries are used up',
    source: 'kinesis-on-failure-destination',
    scenario: async () => {
      const harness = await run(throwsOn('k:f'), BISECT, 'abcdefgh');
      return [letters(harness), summaries(harness)];
    },
    expected: [['abcdefgh', 'abcd', 'efgh', 'ef', 'e', 'f', 'f', 'gh'], [['RetryAttemptsExhausted', 5, 1]]],
  },
  {
    rule: 'of an odd number the larger half goes first',
    source: 'ours',
    scenario: async () => letters(await run(throwsOn('k:e'), BISECT, 'abcde')),
    expected: ['abcde', 'abc', 'de', 'd', 'e', 'e'],
  },
  {
    rule: 'with maximumRetryAttempts 0 a batch is divided all the same',
    source: 'kinesis-on-failure-destination',
    scenario: async () => {
      const harness = await run(throwsOn('k:b'), { ...BISECT, maximumRetryAttempts: 0 });
      return [letters(harness), summaries(harness)];
    },
    expected: [['abcd', 'ab', 'a', 'b', 'cd'], [['RetryAttemptsExhausted', 3, 1]]],
  },
  {
    rule: 'a throw divides whether or not reportBatchItemFailures is on',
    source: 'services-kinesis-batchfailurereporting',
    scenario: async () => letters(await run(throwsOn('k:b'), { ...BISECT, reportBatchItemFailures: true })),
    expected: ['abcd', 'ab', 'a', 'b', 'b', 'cd'],
  },
  {
    rule: 'a partial success cuts at the reported record, and only the rest is delivered again',
    source: 'services-kinesis-batchfailurereporting',
    scenario: async () => {
      const answer = inTurn(reports('k:d'), succeeds);
      return letters(await run(answer, { ...BISECT, reportBatchItemFailures: true }, 'abcdefgh'));
    },
    expected: ['abcdefgh', 'defgh'],
  },
  {
    rule: 'a cut at the reported record uses up no retry',
    source: 'kinesis-on-failure-destination',
    scenario: async () => {
      const answer = inTurn(reports('k:b'), reports('k:c'), reports('k:d'), reports('k:d'), succeeds);
      const harness = await run(answer, { ...BISECT, reportBatchItemFailures: true }, 'abcd');
      return [letters(harness), harness.documents];
    },
    expected: [['abcd', 'bcd', 'cd', 'd', 'd'], []],
  },
  {
    rule: 'where the first record is the reported one the batch is halved, so that the bad record ends up alone',
    source: 'ours',
    scenario: async () => {
      const harness = await run(reports('k:b'), { ...BISECT, reportBatchItemFailures: true }, 'abcdef');
      return [letters(harness), summaries(harness)];
    },
    expected: [['abcdef', 'bcdef', 'bcd', 'bc', 'b', 'b', 'c', 'd', 'ef'], [['RetryAttemptsExhausted', 6, 1]]],
  },
  {
    rule: 'a malformed response divides like a throw',
    source: 'ours',
    scenario: async () => {
      const answer = inTurn(() => ({ batchItemFailures: [{}] }), succeeds);
      return letters(await run(answer, { ...BISECT, reportBatchItemFailures: true }));
    },
    expected: ['abcd', 'ab', 'cd'],
  },
  {
    rule: 'halves are delivered at once, in order',
    source: 'ours',
    scenario: async () => seconds(await run(inTurn(throwsOn('k:a'), succeeds), BISECT)),
    expected: [0, 0, 0],
  },
]);
