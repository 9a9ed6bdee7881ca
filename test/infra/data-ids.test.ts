import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { dataIdentities, replacements } from './support/data-identity.ts';
import { WeatherTemplate } from './support/weather-template.ts';

const FILE = 'test/infra/data-ids.json';

const IDENTITIES = z.record(z.string(), z.object({ type: z.string(), fixed: z.record(z.string(), z.unknown()) }));

const known = IDENTITIES.parse(JSON.parse(readFileSync(new URL('data-ids.json', import.meta.url), 'utf8')));
const planned = dataIdentities(new WeatherTemplate().resources);

/** The advice is what a test can say that a diff cannot. */
const withAdvice = (lines: readonly string[], advice: string): string =>
  lines.length === 0 ? '' : [...lines.map((line) => `- ${line}`), advice].join('\n');

test('no change of the code makes a deployed stack lose data', () => {
  const advice =
    'A deployment would make an empty one in its place; outside of dev the old one remains, unused. Undo the change, ' +
    `or, if the data is to be abandoned or was moved by hand, write what is planned into ${FILE} and say so in CHANGELOG.md.`;
  expect(withAdvice(replacements(known, planned), advice)).toBe('');
});

test('what holds data for the first time is known from then on', () => {
  const added = Object.entries(planned)
    .filter(([logicalId]) => !(logicalId in known))
    .map(([logicalId, identity]) => `"${logicalId}": ${JSON.stringify(identity)}`);
  expect(withAdvice(added, `Add these lines to ${FILE}.`)).toBe('');
});

test('the ids do not depend on what is chosen about a deployment', () => {
  const others = { stage: 'prod', shards: 5, capacity: 'on-demand', alertEmail: 'a@example.org' };
  expect(dataIdentities(new WeatherTemplate({ ...others, reservedConcurrency: 'off' }).resources)).toEqual(planned);
});

describe('a loss is seen:', () => {
  const table = { type: 'AWS::DynamoDB::GlobalTable', fixed: { KeySchema: ['pk', 'sk'] } };

  test('a table under another id', () => {
    expect(replacements({ State1: table }, { State2: table })).toEqual([
      'State1 (AWS::DynamoDB::GlobalTable) is gone: it was removed, or its id or the way to it was renamed',
    ]);
  });

  test('a table with another key', () => {
    expect(replacements({ State1: table }, { State1: { ...table, fixed: { KeySchema: ['pk'] } } })).toEqual([
      'State1 (AWS::DynamoDB::GlobalTable) is replaced: KeySchema was ["pk","sk"] and is ["pk"]',
    ]);
  });

  test('a stream that was given a name', () => {
    const stream = { type: 'AWS::Kinesis::Stream', fixed: {} };
    expect(replacements({ Raw1: stream }, { Raw1: { ...stream, fixed: { Name: 'raw' } } })).toEqual([
      'Raw1 (AWS::Kinesis::Stream) is replaced: Name was not set and is "raw"',
    ]);
  });

  test('an id that now names something else', () => {
    const stream = { type: 'AWS::Kinesis::Stream', fixed: {} };
    expect(replacements({ State1: table }, { State1: stream })).toEqual([
      'State1 was a AWS::DynamoDB::GlobalTable and is a AWS::Kinesis::Stream',
    ]);
  });
});
