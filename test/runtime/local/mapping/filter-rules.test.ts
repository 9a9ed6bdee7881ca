import { expect, test } from '@jest/globals';
import { KplAggregator } from '../../../../shared/codec/kpl-aggregator.ts';
import { compileFilter } from '../../../../shared/runtime/local/mapping/record-filter.ts';
import { MappingHarness, throwsOn } from '../../../support/mapping-harness.ts';
import { ruleTable } from '../../../support/rule-table.ts';

const filters = (...data: readonly unknown[]): { filters: { pattern: string }[] } => ({
  filters: data.map((pattern) => ({ pattern: JSON.stringify({ data: pattern }) })),
});

const passes = (pattern: unknown, ...records: readonly unknown[]): boolean[] => {
  const filter = compileFilter(filters(pattern));
  return records.map((record) => filter(Buffer.from(typeof record === 'string' ? record : JSON.stringify(record))));
};

ruleTable('filters', [
  {
    rule: 'a record that matches no filter is discarded: it is not delivered and does not hold the shard',
    source: 'with-kinesis-filtering',
    scenario: async () => {
      const harness = new MappingHarness(() => null, { filterCriteria: filters({ type: ['buy'] }) });
      harness.put('{"type":"buy","n":1}', '{"type":"sell","n":2}', '{"type":"buy","n":3}', '{"type":"sell","n":4}');
      await harness.settle();
      return [harness.texts, harness.documents, harness.mapping.lag(), harness.kinds('filtered').length];
    },
    expected: [[['{"type":"buy","n":1}', '{"type":"buy","n":3}']], [], 0, 1],
  },
  {
    rule: 'filters are ORed',
    source: 'invocation-eventfiltering',
    scenario: () => {
      const filter = compileFilter(filters({ a: [1] }, { b: [2] }));
      return ['{"a":1}', '{"b":2}', '{"a":2,"b":1}'].map((text) => filter(Buffer.from(text)));
    },
    expected: [true, true, false],
  },
  {
    rule: 'data that is not JSON matches nothing',
    source: 'with-kinesis-filtering',
    scenario: () => passes({ a: [{ exists: false }] }, 'plain text', '', '{"a":', '"text"', '{}'),
    expected: [false, false, false, true, true],
  },
  {
    rule: 'an aggregated record is not JSON, and so discarded',
    source: 'with-kinesis-filtering',
    scenario: () => {
      const aggregator = new KplAggregator({ partitionKey: 'k' });
      aggregator.append(Buffer.from('{"a":1}'));
      return compileFilter(filters({ a: [1] }))(aggregator.finish());
    },
    expected: false,
  },
  {
    rule: 'a batch is filled with records that match, and a retry brings the same ones',
    source: 'ours',
    scenario: async () => {
      const harness = new MappingHarness(throwsOn('{"n":2}'), {
        filterCriteria: filters({ n: [{ numeric: ['>', 0] }] }),
        batchSize: 2,
        maximumRetryAttempts: 1,
      });
      harness.put('{"n":0}', '{"n":1}', '{"n":-1}', '{"n":2}', '{"n":-2}', '{"n":3}', '{"n":-3}');
      await harness.advance(10_000);
      return harness.texts;
    },
    expected: [['{"n":1}', '{"n":2}'], ['{"n":1}', '{"n":2}'], ['{"n":3}']],
  },
]);

ruleTable('event patterns', [
  {
    rule: 'all fields of a pattern must match, nested ones too',
    source: 'invocation-eventfiltering',
    scenario: () =>
      passes(
        { a: [1], b: { c: ['x'] } },
        { a: 1, b: { c: 'x', more: 1 } },
        { a: 1, b: { c: 'y' } },
        { a: 1, c: 'x' },
        { a: 1, b: 'x' },
      ),
    expected: [true, false, false, false],
  },
  {
    rule: 'a value equals one of the alternatives exactly: type, case and all',
    source: 'invocation-eventfiltering',
    scenario: () =>
      passes({ a: ['x', 1, true, null, ''] }, ...['x', 'X', 1, '1', true, null, '', 0].map((a) => ({ a }))),
    expected: [true, false, true, false, true, true, true, false],
  },
  {
    rule: 'null is not a missing field',
    source: 'invocation-eventfiltering',
    scenario: () => passes({ a: [null] }, { a: null }, {}),
    expected: [true, false],
  },
  {
    rule: 'prefix and suffix look at texts only',
    source: 'EventBridge: eb-create-pattern-operators',
    scenario: () => [
      ...passes({ a: [{ prefix: 'us-' }] }, { a: 'us-east' }, { a: 'US-east' }, { a: 'aus-' }, { a: 1 }),
      ...passes({ a: [{ suffix: '.png' }] }, { a: 'b.png' }, { a: '.png.gz' }),
    ],
    expected: [true, false, false, false, true, false],
  },
  {
    rule: 'equals-ignore-case, alone and with prefix and suffix',
    source: 'EventBridge: eb-create-pattern-operators',
    scenario: () => [
      ...passes({ a: [{ 'equals-ignore-case': 'Alice' }] }, { a: 'aLICE' }, { a: 'alice2' }),
      ...passes({ a: [{ prefix: { 'equals-ignore-case': 'EventB' } }] }, { a: 'EVENTBRIDGE' }, { a: 'event' }),
      ...passes({ a: [{ suffix: { 'equals-ignore-case': '.png' } }] }, { a: 'B.PNG' }),
    ],
    expected: [true, false, true, false, true],
  },
  {
    rule: 'numeric compares numbers, with one bound or two',
    source: 'invocation-eventfiltering',
    scenario: () => [
      ...passes({ a: [{ numeric: ['>', 0, '<=', 5] }] }, ...[0, 0.1, 5, 5.1, '3'].map((a) => ({ a }))),
      ...passes({ a: [{ numeric: ['=', 100] }] }, { a: 100 }, { a: 1e2 }, { a: 101 }),
      ...passes({ a: [{ numeric: ['<', -1] }] }, { a: -2 }, { a: -1 }),
      ...passes({ a: [{ numeric: ['>=', 2] }] }, { a: 2 }, { a: 1 }),
    ],
    expected: [false, true, true, false, false, true, true, false, true, false, true, false],
  },
  {
    rule: 'exists looks at leaves only',
    source: 'EventBridge: eb-create-pattern-operators',
    scenario: () => [
      ...passes({ a: [{ exists: true }] }, { a: 1 }, { a: null }, {}, { a: { b: 1 } }, { a: [] }),
      ...passes({ a: [{ exists: false }] }, { a: 1 }, { a: null }, {}, { a: { b: 1 } }),
    ],
    expected: [true, true, false, false, false, false, false, true, true],
  },
  {
    rule: 'anything-but is a value that is there and none of the listed',
    source: 'EventBridge: eb-create-pattern-operators',
    scenario: () => [
      ...passes({ a: [{ 'anything-but': 'x' }] }, { a: 'y' }, { a: 'x' }, {}, { a: 1 }),
      ...passes({ a: [{ 'anything-but': [1, 2] }] }, { a: 3 }, { a: 2 }),
    ],
    expected: [true, false, false, true, true, false],
  },
  {
    rule: '$or takes several patterns, beside the other fields',
    source: 'invocation-eventfiltering',
    scenario: () =>
      passes({ a: [1], $or: [{ b: [1] }, { c: [2] }] }, { a: 1, b: 1 }, { a: 1, c: 2 }, { a: 2, b: 1 }, { a: 1, b: 2 }),
    expected: [true, true, false, false],
  },
  {
    rule: 'of a list one matching element is enough, and of a list of objects one whole object',
    source: 'EventBridge: eb-create-pattern-operators',
    scenario: () => [
      ...passes({ a: ['x'] }, { a: ['y', 'x'] }, { a: ['y'] }),
      ...passes({ a: { b: [1], c: [2] } }, { a: [{ b: 1, c: 2 }] }, { a: [{ b: 1 }, { c: 2 }] }),
    ],
    expected: [true, false, true, false],
  },
  {
    rule: 'names of Object.prototype are fields like others',
    source: 'ours',
    scenario: () => [
      ...passes({ toString: [{ exists: true }] }, {}, '{"toString":1}'),
      ...passes({ constructor: [{ exists: false }] }, {}),
    ],
    expected: [false, true, true],
  },
]);

test.each([
  ['{"data":{}}', /data must be an object with at least one field/],
  ['{"data":["text"]}', /data must be an object/],
  ['{"data":{"a":"x"}}', /data\.a must be an object/],
  ['{"data":{"a":[]}}', /data\.a must be a list of at least one alternative/],
  ['{"data":{"a":[["x"]]}}', /data\.a\[0\] must be a value or a rule/],
  ['{"data":{"a":[{}]}}', /exactly one name/],
  ['{"data":{"a":[{"prefix":"x","suffix":"y"}]}}', /exactly one name/],
  ['{"data":{"a":[{"prefix":1}]}}', /data\.a\[0\]\.prefix must be text/],
  ['{"data":{"a":[{"wildcard":"*"}]}}', /one of prefix, suffix, equals-ignore-case, anything-but, numeric, exists/],
  ['{"data":{"a":[{"anything-but":{"prefix":"x"}}]}}', /anything-but must be a text, a number/],
  ['{"data":{"a":[{"anything-but":[]}]}}', /anything-but must be/],
  ['{"data":{"a":[{"anything-but":["x",1]}]}}', /only texts or only numbers/],
  ['{"data":{"a":[{"numeric":[]}]}}', /numeric must be one or two of/],
  ['{"data":{"a":[{"numeric":[">"]}]}}', /numeric must be/],
  ['{"data":{"a":[{"numeric":["!=",1]}]}}', /numeric must be/],
  ['{"data":{"a":[{"numeric":["toString",1]}]}}', /numeric must be/],
  ['{"data":{"a":[{"numeric":[">",1,"<",2,"=",3]}]}}', /numeric must be/],
  ['{"data":{"a":[{"exists":"yes"}]}}', /exists must be true or false/],
  ['{"data":{"$or":[{"a":[1]}]}}', /\$or must be a list of two patterns or more/],
  ['{"data":{"a":[1]},"partitionKey":["x"]}', /only key is data/],
  ['{"partitionKey":["x"]}', /only key is data/],
  ['[]', /only key is data/],
  ['data', /must be JSON text, got 'data'/],
])('the pattern %s is refused when the mapping is made', (pattern, reason) => {
  expect(() => new MappingHarness(() => null, { filterCriteria: { filters: [{ pattern }] } })).toThrow(reason);
});

test.each([0, 6])('%p filters are refused', (count) => {
  const pattern = '{"data":{"a":[1]}}';
  const criteria = { filters: Array.from({ length: count }, () => ({ pattern })) };
  expect(() => compileFilter(criteria)).toThrow(`filterCriteria takes 1 to 5 filters, got ${String(count)}`);
});
