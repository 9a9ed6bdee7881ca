import { describe, expect, test } from '@jest/globals';
import { millrace } from './support/millrace.ts';

describe('a wrong argument is told in one line that names it and what is allowed, with exit code 2', () => {
  const files = ['--input', 'a', '--stations', 'b', '--countries', 'c', '--states', 'd', '--out', 'e'];
  test.each([
    [['sing'], /unknown command 'sing'; commands are start, run, topology; see millrace --help/],
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
    [['start', '--speed', 'fast'], /argument 'fast' is invalid.*or 'max'/],
    [['start', '--rules', 'r.json'], /missing --input, --stations, --countries, --states; .*weather is made up/],
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
  expect(help.out).toMatch(/start .*run .*topology /s);
  const runHelp = await millrace(['run', '--help']);
  expect(runHelp.out).toMatch(/Examples:.*millrace run weather --input .*--data/s);
  expect([help.code, runHelp.code, help.err, runHelp.err]).toEqual([0, 0, '', '']);
});

test('without a command there is help, and no success', async () => {
  const { code, err } = await millrace([]);
  expect(err).toContain('Usage: millrace');
  expect(code).toBe(2);
});
