import { describe, expect, test } from '@jest/globals';
import { weather } from '../../functions/weather/pipeline.ts';
import { json } from '../../shared/codec/json.ts';
import { text } from '../../shared/codec/text.ts';
import { defineConfig, pipelineNamed } from '../../shared/pipeline/config.ts';
import { checkTogether, openPipeline } from '../../shared/pipeline/open-pipeline.ts';
import { choice, defaultsOf, flagOf, freeText, wholeNumber } from '../../shared/pipeline/options.ts';
import { demo, pipeline } from '../../shared/pipeline/pipeline.ts';
import { file, reference } from '../../shared/pipeline/reference.ts';
import { processor } from '../../shared/processor/processor.ts';
import { rowOf, table } from '../../shared/processor/table.ts';
import { topology } from '../../shared/processor/topology.ts';
import { plainLines } from '../../shared/source/input-format.ts';
import { stream } from '../../shared/stream/stream.ts';

interface Reading {
  readonly site: string;
  readonly at: number;
}

const isReading = (value: unknown): value is Reading =>
  typeof value === 'object' && value !== null && 'site' in value && 'at' in value;

const readings = stream('readings', {
  codec: json('reading', isReading),
  partitionKey: ({ site }) => site,
  eventTimeMs: ({ at }) => at,
});
const notes = stream('notes', { codec: text(), partitionKey: () => 'all' });
const sites = table(
  'sites',
  json('site', (value): value is string => typeof value === 'string'),
);
const keep = processor({
  id: 'meter/keep',
  from: readings,
  to: {},
  tables: { site: rowOf(sites, ({ site }: Reading) => site) },
  step: () => ({}),
});
const read = processor({ id: 'meter/read', from: notes, to: {}, step: () => ({}) });
const meter = topology('meter', [keep]);
const days = wholeNumber({ min: 0, max: 9, default: 1, help: 'days' });
const siteList = reference({ table: sites, files: { sites: file('a list') }, load: () => new Map([['a', 'A']]) });

describe('what cannot work is refused where the pipeline is made, and the error says what to change:', () => {
  test.each([
    [
      'no input',
      () => pipeline({ topology: topology('empty', []) }),
      /'empty' has no input: .*a processor that reads a stream/,
    ],
    [
      'several sources, and none named',
      () => pipeline({ topology: topology('two', [keep, read]) }),
      /'two' has several sources \(readings, notes\): say by which one records enter, entry: \{ stream: \.\.\. \}/,
    ],
    [
      'an entry that is no source',
      () => pipeline({ topology: meter, entry: { stream: notes } }),
      /records cannot enter by 'notes', which is no source; sources are readings/,
    ],
    [
      "an option of Millrace's own",
      () => pipeline({ topology: meter, options: { shards: days } }),
      /'shards' \(--shards\) is one of Millrace's own: rename it/,
    ],
    [
      'an option with a bad name',
      () => pipeline({ topology: meter, options: { 'grace-days': days } }),
      /'grace-days' cannot be an option: .*camel case/,
    ],
    [
      'an option of the pipeline and of its demo',
      () =>
        pipeline({
          topology: meter,
          options: { days },
          demo: demo({ options: { days }, data: () => ({ title: '', steps: 0, recordsOf: () => [] }) }),
        }),
      /two options are called 'days': rename one/,
    ],
    [
      'a default that is not allowed',
      () => pipeline({ topology: meter, options: { days: wholeNumber({ min: 1, max: 9, default: 0, help: 'days' }) } }),
      /the default of 'days' is 0, which is not allowed: it must be a whole number from 1 to 9/,
    ],
    ['no format', () => pipeline({ topology: meter, inputs: [] }), /inputs is empty: name a format, or leave it out/],
    [
      'two formats of one name',
      () => pipeline({ topology: meter, inputs: [plainLines, plainLines] }),
      /two inputs are called 'lines': rename one/,
    ],
    [
      'a reference to a table that nothing looks into',
      () => pipeline({ topology: topology('reader', [read]), references: { sites: siteList } }),
      /reference 'sites' is of the table 'sites', which no processor of reader only looks into; those are none/,
    ],
  ])('%s', (_what, make, message) => {
    expect(make).toThrow(message);
  });
});

test('a config refuses two pipelines of one name, and none at all', () => {
  const one = pipeline({ topology: meter });
  expect(() => defineConfig({ pipelines: [one, pipeline({ topology: meter })] })).toThrow(
    /two pipelines are called 'meter': rename the topology of one/,
  );
  expect(() => defineConfig({ pipelines: [] })).toThrow(/pipelines is empty: list at least one/);
  expect(() => pipelineNamed(defineConfig({ pipelines: [one] }), 'meters')).toThrow(
    /no pipeline 'meters' \(did you mean 'meter'\?\); pipelines are meter/,
  );
});

test('without a word of its own, a pipeline partitions by its stream and takes event time for arrival', async () => {
  const open = await openPipeline(pipeline({ topology: meter }), { values: {}, rows: {} });
  expect(open.partitionKeyOf('{"site":"a","at":1}')).toBe('a');
  expect(open.partitionKeyOf('not JSON')).toBe('unknown');
  expect(open.arrivalMs(['{"site":"a","at":5000}', 'not JSON'], undefined)).toBe(6000);
  expect(open.arrivalMs(['{"site":"a","at":1}'], 9000)).toBe(9000);
});

test('rows of reference data are there by the name of their table, also where none were given', async () => {
  const made = pipeline({ topology: meter, references: { list: siteList } });
  const filled = await openPipeline(made, { values: {}, rows: { list: new Map([['a', 'A']]) } });
  expect(filled.reference).toEqual({ sites: new Map([['a', 'A']]) });
  expect((await openPipeline(made, { values: {}, rows: {} })).reference).toEqual({ sites: new Map() });
});

test('an option is checked by its own rule, and says what is allowed', () => {
  const format = choice({ choices: ['fast', 'safe'], default: 'safe', help: 'how' });
  expect(format.check('fast')).toEqual({ kind: 'good', value: 'fast' });
  expect(format.check('slow')).toEqual({ kind: 'wrong', allowed: 'one of fast, safe' });
  const city = freeText({ default: 'Oslo', help: 'where', matches: /^[A-Z]/u, allowed: 'a name' });
  expect([city.check('Rome').kind, city.check('rome')]).toEqual(['good', { kind: 'wrong', allowed: 'a name' }]);
  expect(days.check('1e1')).toEqual({ kind: 'wrong', allowed: 'a whole number from 0 to 9' });
});

test('an option has one name in code, on the command line and in a deployment', () => {
  expect(flagOf('maxGraceDays')).toBe('--max-grace-days');
  expect(defaultsOf(weather.options)).toEqual({ graceDays: 1 });
});

test('rows of references are checked together where all are there, and what is wrong is the error', () => {
  const faultOfReferences = ({ sites: rows }: { readonly sites: ReadonlyMap<string, string> }): string | undefined =>
    rows.has('a') ? 'a is not allowed' : undefined;
  const checked = pipeline({ topology: meter, references: { sites: siteList }, faultOfReferences });
  expect(checkTogether(checked, {})).toBe(false);
  expect(checkTogether(checked, { sites: new Map() })).toBe(true);
  expect(() => checkTogether(checked, { sites: new Map([['a', 'A']]) })).toThrow('a is not allowed');
});
