import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { fieldOf } from '../../../shared/runtime/field-of.ts';
import { tempFiles } from '../../source/temp-files.ts';
import { contentOf } from '../support/folder-content.ts';
import { madeWeather, newFolder } from '../support/made-weather.ts';
import { millrace, type Ended } from '../support/millrace.ts';
import { resultJson, resultRows } from '../support/result-rows.ts';

const files = tempFiles();
const { input, lists, lines } = madeWeather(files, { stations: 12, days: 4 });
const text = lines.join('\n');
const emptyFolder = newFolder(files, 'empty');
mkdirSync(emptyFolder);
const RULE = { id: 'a', email: 'a@b.c', element: 'TMIN', op: '<=', threshold: 1, mode: 'every' };
let runs = 0;
const newOut = (): string => newFolder(files, `out-${String((runs += 1))}`);
const run = (out: string, inputs: readonly string[], ...more: readonly string[]): Promise<Ended> =>
  millrace(['run', 'weather', '--input', ...inputs, ...lists, '--out', out, ...more]);

describe('what makes a run impossible is reported in one line before anything is written, with exit code 2', () => {
  test.each([
    ['an input that is not there', ['--input', 'gone.csv'], /cannot read "gone.csv": no such file; check the path/],
    ['a folder without files', ['--input', emptyFolder], /it is a folder without files; name another/],
    ['a pattern that matches nothing', ['--input', join(emptyFolder, '*.gz')], /no file matches it; check the pattern/],
    [
      'an input packed in another way',
      ['--input', files.write(Buffer.from('504b030400', 'hex'))],
      /packed with zip.*unpack it first \(unzip\)/,
    ],
    [
      'an input of another format',
      ['--format', 'ghcn-csv', '--input', files.write('\n{"station_id":"USC00028815","date":"2016-01-01","TMAX":1}\n')],
      /line 2: this is not ghcn-csv, it looks like noaa-json; give --format noaa-json/,
    ],
    [
      'a station list that is none',
      ['--stations', input],
      /weather.csv, line 1: not a station list: .*ghcnd-stations.txt/,
    ],
    ['a broken rules file', ['--rules', files.write('[{"id":"a"},\n{"id":]')], /line 2: .*check/],
    [
      'a rule with a field out of range',
      ['--rules', files.write(JSON.stringify({ ...RULE, op: '~' }))],
      /line 1: rule 1: op must be/,
    ],
    [
      'a rule about a place without a station',
      ['--rules', files.write(JSON.stringify({ ...RULE, location: 'US' }))],
      /rule 'a' can never match: no station is in 'US'; locations of US are US-/,
    ],
    [
      'an output folder that is a file',
      ['--out', input],
      /cannot write ".*weather.csv": a file is in the way of a folder; name another --out/,
    ],
    [
      'an output folder below a file',
      ['--out', join(input, 'results')],
      /a file is in the way of a folder; name another --out/,
    ],
    [
      'a data folder that is a file',
      ['--data', input],
      /cannot write ".*weather.csv": a file is in the way of a folder; name another --data/,
    ],
  ])('%s', async (_what, wrong, message) => {
    const out = newOut();
    // Of an option given twice the last one counts, but inputs add up.
    const good = wrong.includes('--input') ? [] : ['--input', input];
    const { code, err, out: said } = await millrace(['run', 'weather', ...good, ...lists, '--out', out, ...wrong]);
    expect(err).toMatch(message);
    expect(err).toMatch(/^millrace: [^\n]+\n$/);
    expect([code, said, existsSync(out)]).toEqual([2, '', false]);
  });

  // Other systems may have no folder that refuses every user.
  (existsSync('/proc/self') ? test : test.skip)('an output folder that cannot be made', async () => {
    const { code, err } = await run('/proc/millrace', [input]);
    expect(err).toMatch(/^millrace: cannot write "\/proc\/millrace": [^\n]+; name another --out\n$/);
    expect(code).toBe(2);
  });

  test('a folder with something under the name of a result that no run has made', async () => {
    const out = newOut();
    mkdirSync(join(out, 'tables'), { recursive: true });
    writeFileSync(join(out, 'tables', 'mine.txt'), 'keep me');
    const { code, err } = await run(out, [input]);
    expect(err).toMatch(/already has a 'tables' that is not the result of a run; name another folder/);
    expect([code, contentOf(out)]).toEqual([2, { 'tables/mine.txt': 'keep me' }]);
  });

  test('a data folder whose database is of another program', async () => {
    const data = newFolder(files, 'foreign-data');
    mkdirSync(data);
    writeFileSync(join(data, 'millrace.db'), 'no database at all, but long enough to be taken for one. '.repeat(40));
    const { code, err } = await run(newOut(), [input], '--data', data);
    expect(err).toMatch(/its database is damaged or of another program; name another --data/);
    expect(code).toBe(2);
  });
});

test('a run that fails leaves the results of an earlier one as they were', async () => {
  const out = newOut();
  expect(await run(out, [input])).toMatchObject({ code: 0 });
  const before = contentOf(out);
  expect(await run(out, [input, 'gone.csv'])).toMatchObject({ code: 2 });
  expect(contentOf(out)).toEqual(before);
});

describe('a file that is damaged', () => {
  test('where gzip is cut off: the lines before it are processed and counted, and it is reported, with exit code 1', async () => {
    const packed = gzipSync(text);
    const cut = files.write(packed.subarray(0, Math.floor(packed.length / 2)), 'cut.csv.gz');
    const out = newOut();
    const { code, err, out: said } = await run(out, [cut]);
    const raw = resultRows(out, 'streams/weather-raw.jsonl');
    const read = raw.length;
    expect(code).toBe(1);
    expect(err).toMatch(/^millrace: ".*cut.csv.gz" is damaged at line \d+ \(unexpected end of file\): [^\n]+\n$/);
    expect(resultJson(out, 'input.json')).toEqual({
      lines: read,
      records: read,
      damaged: [{ file: cut, atLine: read + 1, reason: 'unexpected end of file' }],
    });
    expect(read).toBeGreaterThan(lines.length / 4);
    expect(new Set(raw)).toEqual(new Set(lines.slice(0, read)));
    expect(said).toContain('The books balance.');
  });

  test('does not keep the next file from being read whole', async () => {
    const out = newOut();
    const broken = files.write(Buffer.from('1f8b08000000000000ff', 'hex'), 'head-only.gz');
    expect(await run(out, [broken, input])).toMatchObject({ code: 1 });
    expect(resultJson(out, 'input.json')).toMatchObject({ lines: lines.length });
  });

  test('where it is no text at all: its lines are in the books as invalid, and it is reported, with exit code 1', async () => {
    const bytes = Buffer.from(Array.from({ length: 4000 }, (_, at) => (at * 7919) % 251));
    const { code, err } = await run(newOut(), [files.write(bytes, 'photo.csv')]);
    expect(err).toMatch(/^millrace: ".*photo.csv" is binary data and no text: [^\n]+\n$/);
    expect(code).toBe(1);
  });
});

test('no line is too odd to be counted: each is an invalid record with a reason', async () => {
  const odd: readonly (readonly [line: string | Buffer, reason: string | undefined])[] = [
    ['\ufeffUSC00028815,20160101,TMAX,144,,,7,', undefined],
    ['USC00028815,20160102,TMAX,144,,,7,\r', undefined],
    ['x'.repeat(10_000_000), 'malformed-line'],
    ['', 'malformed-line'],
    ['USC00028815,20160101,TM\u0000X,144,,,7,', 'malformed-line'],
    [Buffer.from('USC00028815,20160101,TMIN,\xff\xfe,,,7,', 'latin1'), 'malformed-line'],
    ['"USC00028815","20160101","TMIN",1,,,7,', 'bad-station'],
    ['USC00028815,20160101,__proto__,144,,,7,', 'bad-element'],
    ['USC00028815,20160230,TMIN,144,,,7,', 'bad-date'],
    ['USC00028815,20160101,TMIN,1.5,,,7,', 'bad-value'],
    ['USC00028815,20160101,PRCP,1,,X,7,', 'quality-flag:X'],
  ];
  const bytes = Buffer.concat(odd.flatMap(([line]) => [Buffer.from(line), Buffer.from('\n')]));
  const out = newOut();
  const { code, err } = await run(out, [files.write(bytes, 'odd.csv')]);
  const reasons = resultRows(out, 'streams/weather-errors.jsonl').map((row) => fieldOf(row, 'reason'));
  expect([code, err]).toEqual([0, '']);
  expect(reasons.filter((reason) => reason !== 'unknown-station').sort()).toEqual(
    odd.flatMap(([, reason]) => reason ?? []).sort(),
  );
});

test('a run without data that it may do without says what that means', async () => {
  const withoutRules = lists.slice(0, lists.indexOf('--rules'));
  const { code, err } = await millrace(['run', 'weather', '--input', input, ...withoutRules, '--out', newOut()]);
  expect(err).toMatch(/^millrace: no --rules: alert rules .*\(default: none, and no alerts\)\n$/);
  expect(code).toBe(0);
});
