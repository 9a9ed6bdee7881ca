import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';
import { tempFiles } from '../../source/temp-files.ts';
import { madeWeather, newFolder } from '../support/made-weather.ts';
import { millrace } from '../support/millrace.ts';
import { resultJson } from '../support/result-rows.ts';

const files = tempFiles();
const BIN = fileURLToPath(new URL('../../../cli/millrace.js', import.meta.url));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

interface Serving {
  readonly url: string;
  /** Sends a signal and waits for the end. */
  readonly end: (signal: NodeJS.Signals) => Promise<{ readonly code: number | null; readonly err: string }>;
}

const serve = async (...args: readonly string[]): Promise<Serving> => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', BIN, 'serve', 'wordcount', '--port', '0', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  children.push(child);
  const { stdout, stderr } = child;
  const err = text(stderr);
  let out = '';
  while (!out.includes('\n')) out += String((await once(stdout, 'data'))[0]);
  stdout.resume();
  const closed = once(child, 'close');
  return {
    url: /http:\S+(?=;)/.exec(out)?.[0] ?? '',
    end: async (signal) => {
      child.kill(signal);
      await closed;
      return { code: child.exitCode, err: await err };
    },
  };
};

const post = (url: string, body: string): Promise<Response> =>
  fetch(`${url}/streams/wordcount-lines`, { method: 'POST', body, headers: { 'content-type': 'text/plain' } });

test('Ctrl-C ends it with all that was taken in the results, windows closed', async () => {
  const out = newFolder(files, 'out');
  const { url, end } = await serve('--out', out);
  expect((await post(url, 'to be or\nnot to be\n')).status).toBe(202);
  const { code, err } = await end('SIGINT');
  expect([code, err]).toEqual([0, 'millrace: SIGINT: all that was taken is processed\n']);
  expect(resultJson(out, 'input.json')).toMatchObject({ records: 2 });
  expect(readFileSync(join(out, 'tables', 'wordcount-counts.jsonl'), 'utf8')).toContain('{"word":"be","count":2}');
  expect(readFileSync(join(out, 'streams', 'wordcount-recent.jsonl'), 'utf8')).toMatch(/"word":"not"/);
});

test('with --data what was answered 202 outlives a kill, and the same command goes on; other arguments are refused', async () => {
  const [data, out] = [newFolder(files, 'data'), newFolder(files, 'kept-out')];
  const args = ['--data', data, '--out', out];
  for (const line of ['to be', 'or not', 'to be']) {
    const { url, end } = await serve(...args);
    expect((await post(url, line)).status).toBe(202);
    await end('SIGKILL');
  }
  const last = await serve(...args);
  expect((await last.end('SIGTERM')).code).toBe(0);
  expect(resultJson(out, 'input.json')).toMatchObject({ records: 3 });
  expect(readFileSync(join(out, 'tables', 'wordcount-counts.jsonl'), 'utf8')).toContain('{"word":"be","count":2}');

  const { code, err } = await millrace(['serve', 'wordcount', '--port', '0', ...args, '--shards', '2']);
  expect([code, err]).toEqual([2, expect.stringMatching(/--shards was 4 and is now 2; give the same ones, or name/)]);
}, 120_000);

test('a port in use, a host that is none, missing reference files: one line that says what to do, with exit code 2', async () => {
  const { url, end } = await serve();
  const used = await millrace(['serve', 'wordcount', '--port', new URL(url).port]);
  expect([used.code, used.err]).toEqual([
    2,
    expect.stringMatching(/^millrace: cannot listen on .*: it is in use; name another --port, or 0[^\n]*\n$/),
  ]);
  const nowhere = await millrace(['serve', 'wordcount', '--host', '192.0.2.1', '--port', '0']);
  expect([nowhere.code, nowhere.err]).toEqual([
    2,
    expect.stringMatching(/no such address on this machine; name another --host/),
  ]);
  const missing = await millrace(['serve', 'weather']);
  expect([missing.code, missing.err]).toEqual([
    2,
    expect.stringMatching(/missing --stations, .*; see millrace serve weather --help/),
  ]);
  expect((await end('SIGINT')).code).toBe(0);
});

test('a rule that no station can match is refused as it is by a run, before anything is taken', async () => {
  const { lists } = madeWeather(files, { stations: 3, days: 1 });
  const rule = { id: 'a', email: 'a@b.c', element: 'TMIN', op: '<=', threshold: 1, mode: 'every', location: 'US' };
  const rules = files.write(JSON.stringify(rule));
  const { code, err } = await millrace(['serve', 'weather', '--port', '0', ...lists, '--rules', rules]);
  expect([code, err]).toEqual([2, expect.stringMatching(/^millrace: rule 'a' can never match: [^\n]*\n$/)]);
});
