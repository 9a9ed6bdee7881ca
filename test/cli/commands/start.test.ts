import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tempFiles } from '../../source/temp-files.ts';
import { contentOf } from '../support/folder-content.ts';
import { madeWeather, newFolder } from '../support/made-weather.ts';
import { millrace, millraceAtTime, millraceStoppedAt } from '../support/millrace.ts';
import { resultJson } from '../support/result-rows.ts';

const files = tempFiles();
const folders = (name: string): readonly string[] => [
  ...['--data', newFolder(files, `${name}-data`), '--out', newFolder(files, `${name}-out`)],
];
const quick = ['--days', '25', '--speed', 'max'];

test('start runs generated weather to its end, and says where to look and what to try', async () => {
  const out = newFolder(files, 'whole-out');
  const { code, out: said } = await millrace(['start', ...quick, ...folders('whole')]);
  expect(said).toMatch(
    /The books balance\..*Where to look:.*observations .*weather-observations\.jsonl.*What to try next:/s,
  );
  expect(code).toBe(0);
  expect(readdirSync(out).sort()).toEqual([
    'books.json',
    'dead-letters.jsonl',
    'input.json',
    'outbox',
    'streams',
    'tables',
  ]);
  expect(readdirSync(join(out, 'outbox')).length).toBeGreaterThan(0);
});

test('the clock of the machine decides nothing: weather of its future gives what weather of its past gives', async () => {
  const args = ['start', '--days', '12', '--speed', 'max'];
  await millraceAtTime([...args, ...folders('past')], Date.UTC(2050, 0, 1));
  await millraceAtTime([...args, ...folders('future')], Date.UTC(2001, 0, 1));
  expect(contentOf(newFolder(files, 'future-out'))).toEqual(contentOf(newFolder(files, 'past-out')));
});

test('stopped by Ctrl-C it has its e-mail in the outbox, and the next start goes on to the same results', async () => {
  const out = newFolder(files, 'stopped-out');
  const whole = newFolder(files, 'reference-out');
  await millrace(['start', ...quick, ...folders('reference')]);
  const args = ['start', ...quick, ...folders('stopped')];
  for (const nth of [2, 7]) {
    const { code, err } = await millraceStoppedAt(args, 'SIGINT', { at: 'commit', nth });
    expect(err).toMatch(/stopped after line [\d,]+; the next start goes on from there/);
    expect([code, existsSync(join(out, 'books.json'))]).toEqual([130, false]);
  }
  expect(readdirSync(join(out, 'outbox')).length).toBeGreaterThan(0);
  const { code, err } = await millrace(args);
  expect([code, err]).toEqual([
    0,
    expect.stringMatching(/^millrace: goes on after line [\d,]+, where it was stopped\n/),
  ]);
  expect(contentOf(out)).toEqual(contentOf(whole));
}, 300_000);

test('a start after a finished one is a new run; with other arguments an unfinished one is not touched without --fresh', async () => {
  const args = ['start', '--days', '3', '--speed', 'max', ...folders('again')];
  expect((await millrace(args)).err).toBe('');
  const again = await millrace(args);
  expect([again.code, again.err]).toEqual([0, 'millrace: the last run was finished; this is a new one\n']);

  const long = ['start', '--days', '300', '--speed', 'max', ...folders('changed')];
  await millraceStoppedAt(long, 'SIGINT', { at: 'commit', nth: 2 });
  const changed = await millrace(['start', '--days', '3', '--speed', 'max', ...folders('changed')]);
  expect(changed.err).toMatch(/--days was 300 and is now 3; give the same ones, or begin anew with --fresh\n$/);
  expect(changed.code).toBe(2);
  const fresh = await millrace(['start', '--days', '3', '--speed', 'max', '--fresh', ...folders('changed')]);
  expect([fresh.code, fresh.err]).toEqual([0, '']);
});

test('start runs on files too', async () => {
  const { input, lists, lines } = madeWeather(files, { stations: 10, days: 3 });
  const { code } = await millrace(['start', '--input', input, ...lists, '--speed', 'max', ...folders('files')]);
  expect(code).toBe(0);
  expect(resultJson(newFolder(files, 'files-out'), 'input.json')).toMatchObject({ lines: lines.length });
});
