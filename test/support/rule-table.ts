import { describe, expect, test } from '@jest/globals';

/** One documented rule of the event source mapping. */
export interface Rule {
  readonly rule: string;
  /** The page it stands on; see SOURCES in docs/mapping-simulator.md. `ours`: AWS is silent and we chose. */
  readonly source: Source;
  /** What is done, and what comes of it. */
  readonly scenario: () => unknown;
  readonly expected: unknown;
}

/** AWS pages, by the name of the file in the Lambda Developer Guide unless another book is named. */
export type Source =
  | 'services-kinesis-parameters'
  | 'services-kinesis-batchfailurereporting'
  | 'services-kinesis-windows'
  | 'kinesis-on-failure-destination'
  | 'with-kinesis'
  | 'with-kinesis-filtering'
  | 'invocation-eventfiltering'
  | 'API_CreateEventSourceMapping'
  | 'EventBridge: eb-create-pattern-operators'
  | 'ours';

/** Runs a table of rules: each row is a test. */
export const ruleTable = (name: string, rules: readonly Rule[]): void => {
  describe(name, () => {
    test.each(rules.map((row) => [`${row.rule} [${row.source}]`, row] as const))('%s', async (_name, row) => {
      expect(await row.scenario()).toEqual(row.expected);
    });
  });
};
