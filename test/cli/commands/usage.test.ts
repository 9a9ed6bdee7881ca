import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { fieldOf } from '../../../shared/runtime/field-of.ts';
import { millrace } from '../support/millrace.ts';

describe('a wrong argument is reported in one line that names it and what is allowed, with exit code 2', () => {
  const files = ['--input', 'a', '--stations', 'b', '--countries', 'c', '--states', 'd', '--out', 'e'];
  test.each([
    [
      ['sing'],
      /unknown command 'sing'; commands are start, run, serve, topology, cost, load, produce, tail, status, dead-letters, new; see millrace --help/,
    ],
    [['run'], /which pipeline\? weather.*; see millrace run --help/],
    [['run', '--input', 'a'], /which pipeline\? weather.*; see millrace run --help/],
    [['run', 'sales', '--input', 'a'], /no pipeline 'sales'; pipelines are weather/],
    [['strat'], /unknown command 'strat' \(did you mean 'start'\?\); commands are start, run/],
    [['run', 'wether', '--input', 'a'], /no pipeline 'wether' \(did you mean 'weather'\?\); pipelines are weather/],
    [
      ['run', 'weather', '--inptu', 'a'],
      /unknown option '--inptu' \(did you mean '--input'\?\); options are --input, --format, .*--data;/,
    ],
    [['run', 'weather', '--input', 'a'], /missing --stations, --countries, --states; see millrace run weather --help/],
    [['run', 'weather', ...files.slice(0, -2)], /missing --out,/],
    [['run', 'weather', ...files, '--shards', '0'], /'--shards <n>' argument '0' .* from 1 to 10000/],
    [['run', 'weather', ...files, '--shards', '1e3'], /argument '1e3' .* from 1 to 10000/],
    [['run', 'weather', ...files, '--grace-days', '367'], /argument '367' .* from 0 to 366/],
    [['run', 'weather', ...files, '--grace-days', '-1'], /argument '-1' .* from 0 to 366/],
    [
      ['run', 'weather', ...files, '--format', 'xml'],
      /'xml' is invalid. Allowed choices are ghcn-csv, ghcn-dly, noaa-json/,
    ],
    [['topology', 'weather', '--format', 'svg'], /'svg' is invalid. Allowed choices are text, mermaid, json/],
    [['topology', 'weather', 'more'], /too many arguments for 'weather'/],
    [['cost', 'weather', '--shards', '0'], /'--shards <n>' argument '0' .* from 1 to 10000/],
    [
      ['load', 'weather', '--target', 'aws'],
      /name the files of a table: --stations, --countries, --states, or --rules;/,
    ],
    [['load', 'weather', '--stations', 'a'], /missing --countries, --states; see millrace load weather --help/],
    [['load', 'weather', '--rules', 'r.json'], /missing --target, aws or local; see millrace load weather --help/],
    [
      ['produce', 'weather', ...files.slice(0, -2)],
      /missing --target, aws or local; see millrace produce weather --help/,
    ],
    [
      ['produce', 'weather', '--target', 'aws', '--input', 'a', '--stream', 'weather-alerts'],
      /no source stream 'weather-alerts'; sources of weather are weather-raw/,
    ],
    [['produce', 'weather', '--rate', '0'], /'--rate <lines\/s>' argument '0' is invalid.*or 'max'/],
    [['status', 'weather', '--target', 'gcp'], /'gcp' is invalid. Allowed choices are aws, local/],
    [
      ['status', 'weather', '--target', 'aws', '--stage', '-dev'],
      /argument '-dev' is invalid. It must be 1 to 32 letters, digits and -/,
    ],
    [
      ['tail', 'weather', 'weather-raw', '--from', 'yesterday'],
      /argument 'yesterday' is invalid. It must be 'start', 'now', or/,
    ],
    [['dead-letters', 'redrive', 'weather', '--target', 'aws'], /give the id of one letter, or --all, and not both/],
    [
      ['dead-letters', 'show', 'weather', 'xyz', '--target', 'aws'],
      /'xyz' is invalid for argument 'id'. It must be 4 to 40 of 0-9 a-f/,
    ],
    [['start', '--speed', 'fast'], /argument 'fast' is invalid.*or 'max'/],
    [['start', '--rules', 'r.json'], /missing --input, --stations, --countries, --states; .*demo data is made/],
    [['start', '--seed', '2', '--input', 'a'], /'--seed <n>' cannot be used with option '--input/],
  ])('%j', async (args, message) => {
    const { code, out, err } = await millrace(args);
    expect(err).toMatch(message);
    expect(err).toMatch(/^millrace: [^\n]+\n$/);
    expect([code, out]).toEqual([2, '']);
  });
});

test('help names every command, and the help of a command has examples', async () => {
  const help = await millrace(['--help']);
  expect(help.out).toMatch(/start .*run .*topology .*cost .*load .*produce .*tail .*status .*dead-letters /s);
  const runHelp = await millrace(['run', '--help']);
  expect(runHelp.out).toMatch(/Pipelines:.*weather .*Examples:.*millrace run weather --input .*--data/s);
  expect([help.code, runHelp.code, help.err, runHelp.err]).toEqual([0, 0, '', '']);
});

test("help of a pipeline's command has the options of that pipeline, with ranges and defaults", async () => {
  const { out } = await millrace(['run', 'weather', '--help']);
  expect(out).toMatch(/--stations <file> .*--grace-days <n> .*0 to 366 \(default: 1\).*--out <folder>/s);
});

test('--version is the version of the package', async () => {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { code, out, err } = await millrace(['--version']);
  expect([code, out, err]).toEqual([0, `${String(fieldOf(JSON.parse(manifest), 'version'))}\n`, '']);
});

test('without a command it shows help, and fails', async () => {
  const { code, err } = await millrace([]);
  expect(err).toContain('Usage: millrace');
  expect(code).toBe(2);
});
