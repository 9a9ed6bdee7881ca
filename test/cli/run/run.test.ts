import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { fieldOf } from '../../../shared/runtime/field-of.ts';
import { BOOK_COLUMNS } from '../../../shared/engine/books.ts';
import { weather } from '../../../functions/weather/topology.ts';
import { tempFiles } from '../../source/temp-files.ts';
import { contentOf } from '../support/folder-content.ts';
import { madeWeather, newFolder } from '../support/made-weather.ts';
import { millrace, millraceFed, millraceStoppedAt, type Ended } from '../support/millrace.ts';
import { resultJson, resultLines, resultRows } from '../support/result-rows.ts';

const files = tempFiles();
const { input, lists, lines } = madeWeather(files, { stations: 60, days: 75 });
let runs = 0;
const newOut = (): string => newFolder(files, `out-${String((runs += 1))}`);
const run = (out: string, inputs: readonly string[], ...more: readonly string[]): Promise<Ended> =>
  millrace(['run', 'weather', '--input', ...inputs, ...lists, '--out', out, ...more]);

test('a run writes every stream and table, the outbox, dead letters, input and books, and nothing else', async () => {
  const out = newOut();
  const { code, err } = await run(out, [input]);
  const { streams, tables } = weather();
  expect([code, err]).toEqual([0, '']);
  expect(readdirSync(out).sort()).toEqual([
    'books.json',
    'dead-letters.jsonl',
    'input.json',
    'outbox',
    'streams',
    'tables',
  ]);
  expect(readdirSync(join(out, 'streams')).sort()).toEqual(streams.map(({ name }) => `${name}.jsonl`).sort());
  expect(readdirSync(join(out, 'tables')).sort()).toEqual(tables.map(({ name }) => `${name}.jsonl`).sort());
  expect(resultJson(out, 'input.json')).toEqual({ lines: lines.length, records: lines.length, damaged: [] });
});

test('every raw line is in its stream once, and is counted once on its way through the books', async () => {
  const out = newOut();
  const { out: said } = await run(out, [input]);
  const books = resultJson(out, 'books.json');
  const column = (processor: string, name: string): number => Number(fieldOf(fieldOf(books, processor), name));
  const rowsOf = (stream: string): number => resultLines(out, `streams/${stream}.jsonl`).length;

  expect([...resultRows(out, 'streams/weather-raw.jsonl')].sort()).toEqual([...lines].sort());
  for (const { id } of weather().processors) {
    const [taken = 0, ...columns] = BOOK_COLUMNS.slice(0, -1).map((name) => column(id, name));
    expect(columns.reduce((sum, count) => sum + count, 0)).toBe(taken);
  }
  expect(column('weather/validate', 'in')).toBe(lines.length);
  expect(column('weather/validate', 'applied')).toBe(rowsOf('weather-validated'));
  expect(column('weather/assemble', 'late')).toBe(rowsOf('weather-late'));
  expect(column('weather/enrich', 'applied')).toBe(rowsOf('weather-observations'));
  expect(
    column('weather/validate', 'invalid') + column('weather/assemble', 'invalid') + column('weather/enrich', 'invalid'),
  ).toBe(rowsOf('weather-errors'));
  expect(said).toMatch(new RegExp(`weather/validate +${lines.length.toLocaleString('en-GB')} `));
  expect(said).toContain('The books balance.');
});

test('e-mails are whole messages with stable names, one file each, and say what the alerts say', async () => {
  const out = newOut();
  await run(out, [input]);
  const names = readdirSync(join(out, 'outbox'));
  const mails = names.map((name) => readFileSync(join(out, 'outbox', name), 'latin1'));
  const alerts = resultRows(out, 'streams/weather-alerts.jsonl');
  expect(names.every((name) => /^\d{6}-[0-9a-f]+\.eml$/.test(name))).toBe(true);
  for (const mail of mails) {
    const [head = '', body = ''] = mail.split('\r\n\r\n', 2);
    expect(head).toMatch(/^From: millrace@localhost$/m);
    expect(head).toMatch(/^To: \S+@example\.org$/m);
    expect(head).toMatch(/^Subject: \S/m);
    expect(head).toMatch(/^Date: \w{3}, \d\d \w{3} 2023 00:00:00 \+0000$/m);
    expect(head).toMatch(/^Message-ID: <[0-9a-f]+@millrace\.localhost>$/m);
    expect(mail).not.toMatch(/[^\r]\n/);
    expect(body).toMatch(/^2023-\d\d-\d\d /);
  }
  const inMails =
    mails
      .join('')
      .replaceAll('=\r\n', '')
      .match(/\(rule /g) ?? [];
  expect(alerts.length).toBeGreaterThan(20);
  expect(inMails).toHaveLength(alerts.length);
  expect(new Set(alerts.map((row) => fieldOf(row, 'email'))).size).toBeGreaterThan(1);
});

test('one input gives the same bytes in memory, in a data folder, packed, and when a finished run is asked for again', async () => {
  const [inMemory, inFolder, packed] = [newOut(), newOut(), newOut()];
  const data = newFolder(files, 'data-same');
  await Promise.all([
    run(inMemory, [input]),
    run(inFolder, [input], '--data', data),
    run(packed, [files.write(gzipSync(lines.join('\r\n')))]),
  ]);
  const expected = contentOf(inMemory);
  expect(Object.keys(expected).length).toBeGreaterThan(12);
  expect(contentOf(inFolder)).toEqual(expected);
  expect(contentOf(packed)).toEqual(expected);

  const { code, err } = await run(inFolder, [input], '--data', data);
  expect([code, err]).toEqual([
    0,
    expect.stringMatching(/^millrace: .* holds the finished run; its results are written again\n$/),
  ]);
  expect(contentOf(inFolder)).toEqual(expected);
});

test('several inputs are read one after the other, as if they were one', async () => {
  const [whole, parts] = [newOut(), newOut()];
  const half = Math.floor(lines.length / 2);
  const write = (some: readonly string[]): string => files.write(some.map((line) => `${line}\n`).join(''));
  await Promise.all([
    run(whole, [input], '--grace-days', '3'),
    run(parts, [write(lines.slice(0, half)), write(lines.slice(half))], '--grace-days', '3'),
  ]);
  expect(resultLines(parts, 'streams/weather-observations.jsonl')).toEqual(
    resultLines(whole, 'streams/weather-observations.jsonl'),
  );
});

test('many files of one line are taken together, and give what one file of all lines gives', async () => {
  const [whole, small] = [newOut(), newOut()];
  const some = lines.slice(0, 300);
  const write = (of: readonly string[]): string => files.write(of.map((line) => `${line}\n`).join(''));
  const data = newFolder(files, 'data-small');
  await run(whole, [write(some)]);
  const { code, err } = await millraceStoppedAt(
    ['run', 'weather', '--input', ...some.map((line) => write([line])), ...lists, '--out', small, '--data', data],
    'SIGKILL',
    { at: 'commit', nth: 5 },
  );
  expect([code, err]).toEqual([0, '']);
  expect(contentOf(small)).toEqual(contentOf(whole));
});

test('a folder is its files in order, a pattern what it matches, and the first lines say what they are', async () => {
  const [whole, folder, pattern] = [newOut(), newOut(), newOut()];
  const some = lines.slice(0, 400);
  const inputs = newFolder(files, 'inputs');
  mkdirSync(join(inputs, 'b'), { recursive: true });
  const write = (name: string, of: readonly string[], pack = false): void => {
    const text = of.map((line) => `${line}\n`).join('');
    writeFileSync(join(inputs, name), pack ? gzipSync(text) : text);
  };
  write('a.csv', some.slice(0, 150));
  write('b/c.gz', some.slice(150, 300), true);
  write('d.csv', some.slice(300));
  write('.hidden', ['not a line']);
  await run(whole, [files.write(some.map((line) => `${line}\n`).join(''))]);
  await run(folder, [inputs]);
  await run(pattern, [join(inputs, '*.csv'), join(inputs, 'b', '*')]);
  expect(contentOf(folder)).toEqual(contentOf(whole));
  expect(resultJson(pattern, 'input.json')).toMatchObject({ lines: 400, damaged: [] });
});

test('standard input gives what a file gives, plain or packed; with --data it is refused', async () => {
  const [whole, plain, packed] = [newOut(), newOut(), newOut()];
  const some = `${lines.slice(0, 300).join('\n')}\n`;
  await run(whole, [files.write(some)]);
  const args = (out: string): readonly string[] => ['run', 'weather', '--input', '-', ...lists, '--out', out];
  expect((await millraceFed(args(plain), some)).code).toBe(0);
  expect((await millraceFed(args(packed), gzipSync(some))).code).toBe(0);
  expect(contentOf(plain)).toEqual(contentOf(whole));
  expect(contentOf(packed)).toEqual(contentOf(whole));
  const { code, err } = await millraceFed([...args(newOut()), '--data', newFolder(files, 'data-pipe')], some);
  expect([code, err]).toEqual([2, expect.stringMatching(/a pipe cannot be read twice; leave --data out/)]);
});

test('the number of shards changes nothing in the streams and tables', async () => {
  const [few, many] = [newOut(), newOut()];
  await Promise.all([run(few, [input], '--shards', '1'), run(many, [input], '--shards', '9')]);
  for (const file of [
    'streams/weather-observations.jsonl',
    'streams/weather-alerts.jsonl',
    'tables/weather-daily.jsonl',
  ]) {
    expect(resultLines(many, file)).toEqual(resultLines(few, file));
  }
});

test('an empty input is a run without records, with all its files', async () => {
  const out = newOut();
  const { code } = await run(out, [files.write('')]);
  expect(code).toBe(0);
  expect(resultJson(out, 'books.json')).toMatchObject({ 'weather/validate': { in: 0 } });
  expect(resultLines(out, 'streams/weather-late.jsonl')).toEqual([]);
});
