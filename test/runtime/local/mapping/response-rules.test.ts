import { inTurn, MappingHarness, reports, throwsOn } from '../../../support/mapping-harness.ts';
import type { Answer, HarnessOptions } from '../../../support/mapping-harness.ts';
import { ruleTable } from '../../../support/rule-table.ts';
import type { Source } from '../../../support/rule-table.ts';

const REPORTING = { reportBatchItemFailures: true } as const;

/** What is delivered of a, b, c, d when the first batch is answered so, and the next ones with success. */
const afterAnswer = async (answer: Answer, options: HarnessOptions = REPORTING): Promise<unknown> => {
  const harness = new MappingHarness(
    inTurn(answer, () => null),
    options,
  );
  harness.put('k:a', 'k:b', 'k:c', 'k:d');
  await harness.advance(10_000);
  return harness.texts.map((texts) => texts.map((text) => text.slice(2)).join(''));
};

const SUCCESS = ['abcd'];
const RETRIED = ['abcd', 'abcd'];

const response = (
  rule: string,
  value: unknown,
  expected: unknown,
  source: Source,
): Parameters<typeof ruleTable>[1][0] => ({
  rule,
  source,
  scenario: () => afterAnswer(() => value),
  expected,
});

const DOCUMENTED = 'services-kinesis-batchfailurereporting';

ruleTable('full success', [
  response('an undefined response', undefined, SUCCESS, DOCUMENTED),
  response('a null response', null, SUCCESS, DOCUMENTED),
  response('an empty response', {}, SUCCESS, DOCUMENTED),
  response('an empty text', '', SUCCESS, 'ours'),
  response('a null batchItemFailures', { batchItemFailures: null }, SUCCESS, DOCUMENTED),
  response('an empty batchItemFailures', { batchItemFailures: [] }, SUCCESS, DOCUMENTED),
  response('a misspelt batchItemFailures', { batchItemFailure: [{ itemIdentifier: '1' }] }, SUCCESS, 'ours'),
  {
    rule: 'without reportBatchItemFailures whatever the response says',
    source: DOCUMENTED,
    scenario: () => afterAnswer(reports('k:b'), {}),
    expected: SUCCESS,
  },
]);

ruleTable('full failure: the whole batch is delivered again', [
  response('an empty itemIdentifier', { batchItemFailures: [{ itemIdentifier: '' }] }, RETRIED, DOCUMENTED),
  response('a null itemIdentifier', { batchItemFailures: [{ itemIdentifier: null }] }, RETRIED, DOCUMENTED),
  response('a misnamed itemIdentifier', { batchItemFailures: [{ itemIdentifer: '1' }] }, RETRIED, DOCUMENTED),
  response('an entry that is null', { batchItemFailures: [null] }, RETRIED, 'ours'),
  response('an entry that is text', { batchItemFailures: ['1'] }, RETRIED, 'ours'),
  response('an itemIdentifier that is a number', { batchItemFailures: [{ itemIdentifier: 1 }] }, RETRIED, 'ours'),
  response('an itemIdentifier outside of the batch', { batchItemFailures: [{ itemIdentifier: '7' }] }, RETRIED, 'ours'),
  response('an itemIdentifier that is no number', { batchItemFailures: [{ itemIdentifier: 'b' }] }, RETRIED, 'ours'),
  response('a batchItemFailures that is no list', { batchItemFailures: { itemIdentifier: '1' } }, RETRIED, 'ours'),
  response('a response that is a text', 'done', RETRIED, 'ours'),
  response('a response that is a list', [], RETRIED, 'ours'),
  {
    rule: 'a throw, with or without reportBatchItemFailures',
    source: DOCUMENTED,
    scenario: async () => [await afterAnswer(throwsOn('k:b')), await afterAnswer(throwsOn('k:b'), {})],
    expected: [RETRIED, RETRIED],
  },
  {
    rule: 'one bad entry spoils the good ones',
    source: 'ours',
    scenario: () =>
      afterAnswer(({ records }) => ({
        batchItemFailures: [{ itemIdentifier: records[2]?.sequenceNumber }, { itemIdentifier: '' }],
      })),
    expected: RETRIED,
  },
]);

ruleTable('partial success', [
  {
    rule: 'the reported record and everything after it is delivered again, what is before it is not',
    source: DOCUMENTED,
    scenario: () => afterAnswer(reports('k:c')),
    expected: ['abcd', 'cd'],
  },
  {
    rule: 'of several reported records the lowest sequence number is the checkpoint, in whatever order they stand',
    source: DOCUMENTED,
    scenario: () =>
      afterAnswer(({ records }) => ({
        batchItemFailures: [3, 1, 2].map((at) => ({ itemIdentifier: records[at]?.sequenceNumber })),
      })),
    expected: ['abcd', 'bcd'],
  },
  {
    rule: 'sequence numbers are compared as numbers: leading zeros change nothing',
    source: 'ours',
    scenario: () =>
      afterAnswer(({ records }) => ({
        batchItemFailures: [{ itemIdentifier: `00${records[1]?.sequenceNumber ?? ''}` }],
      })),
    expected: ['abcd', 'bcd'],
  },
  {
    rule: 'the first record reported: the whole batch is delivered again',
    source: DOCUMENTED,
    scenario: () => afterAnswer(reports('k:a')),
    expected: RETRIED,
  },
  {
    rule: 'a retry brings the rest of its batch and no record that came after it',
    source: 'ours',
    scenario: async () => {
      const harness: MappingHarness = new MappingHarness(
        inTurn(
          (batch, call) => {
            harness.put('k:e');
            return reports('k:c')(batch, call);
          },
          () => null,
        ),
        REPORTING,
      );
      harness.put('k:a', 'k:b', 'k:c', 'k:d');
      await harness.advance(10_000);
      return harness.texts;
    },
    expected: [['k:a', 'k:b', 'k:c', 'k:d'], ['k:c', 'k:d'], ['k:e']],
  },
]);
