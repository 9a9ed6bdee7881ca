import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { fieldOf } from '../../../shared/runtime/field-of.ts';
import { millrace } from '../support/millrace.ts';

describe('a wrong argument is reported in one line that names it and what is allowed, with exit code 2', () => {
  const files = ['--input', 'a', '--stations', 'b', '--countries', 'c', '--states', 'd', '--out', 'e'];
  test.each([
    [
      ['sing'],
      /unknown command 'sing'; commands are start, run, topology, cost, load, produce, tail, status, dead-letters; see millrace --help/,
    ],
    [['run'], /missing required argument 'pipeline'; see millrace run --help/],
    [['run', 'sales'], /'sales' is invalid for argument 'pipeline'. Pipelines are weather;/],
    [['run', 'weather', '--inptu', 'a'], /unknown option '--inptu'; options are --input, --format, .*--data;/],
    [['run', 'weather', '--input', 'a'], /missing --stations, --countries, --states; see millrace run --help/],
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
    [['topology', 'weather', 'more'], /too many arguments for 'topology'/],
    [['cost', 'weather', '--shards', '0'], /'--shards <n>' argument '0' .* from 1 to 10000/],
    [['load', 'cities'], /unknown command 'cities'; commands are stations, rules; see millrace load --help/],
    [['load', 'stations', '--target', 'aws'], /missing --stations, --countries, --states; see millrace load stations/],
    [['load', 'rules', '--rules', 'r.json'], /missing --target, aws or local; see millrace load rules --help/],
    [['produce', 'weather', ...files.slice(0, -2)], /missing --target, aws or local; see millrace produce --help/],
    [['produce', 'weather', '--rate', '0'], /'--rate <lines\/s>' argument '0' is invalid.*or 'max'/],
    [['status', '--target', 'gcp'], /'gcp' is invalid. Allowed choices are aws, local/],
    [
      ['status', '--target', 'aws', '--stage', '-dev'],
      /argument '-dev' is invalid. It must be 1 to 32 letters, digits and -/,
    ],
    [['tail', 'weather-raw', '--from', 'yesterday'], /argument 'yesterday' is invalid. It must be 'start', 'now', or/],
    [['dead-letters', 'redrive', '--target', 'aws'], /give the id of one letter, or --all, and not both/],
    [
      ['dead-letters', 'show', 'xyz', '--target', 'aws'],
      /'xyz' is invalid for argument 'id'. It must be 4 to 40 of 0-9 a-f/,
    ],
    [['start', '--speed', 'fast'], /argument 'fast' is invalid.*or 'max'/],
    [['start', '--rules', 'r.json'], /missing --input, --stations, --countries, --states; .*weather is generated/],
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
  expect(runHelp.out).toMatch(/Examples:.*millrace run weather --input .*--data/s);
  expect([help.code, runHelp.code, help.err, runHelp.err]).toEqual([0, 0, '', '']);
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
