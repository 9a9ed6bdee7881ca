import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tempFiles } from '../input/temp-files.ts';
import { contentOf } from '../support/folder-content.ts';
import { madeWeather, newFolder } from '../support/made-weather.ts';
import { millrace, millraceUntil, type Ended } from '../support/millrace.ts';

const files = tempFiles();
// More than two cycles, so that there is something to go on behind.
const { input, lists } = madeWeather(files, { stations: 250, days: 36 });
const argsFor = (name: string, ...more: readonly string[]): readonly string[] => [
  ...['run', 'weather', '--input', input, ...lists, '--out', newFolder(files, `${name}-out`)],
  ...['--data', newFolder(files, `${name}-data`), ...more],
];
const undisturbed = async (): Promise<Readonly<Record<string, string>>> => {
  const out = newFolder(files, 'undisturbed');
  if (!existsSync(out)) await millrace(['run', 'weather', '--input', input, ...lists, '--out', out]);
  return contentOf(out);
};

const visible = (content: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(content).filter(([path]) => !path.startsWith('.')));

// Many runs in one test, on machines that may be busy.
const PATIENCE_MS = 300_000;

/** Starts the command over and over, each time left alone a little longer, until it ends by itself. */
const untilItEnds = async (args: readonly string[], signal: NodeJS.Signals, out: string): Promise<readonly Ended[]> => {
  const ends: Ended[] = [];
  for (let afterMs = 350; ; afterMs += 350) {
    const ended = await millraceUntil(args, signal, afterMs);
    ends.push(ended);
    if (ended.signal === null && ended.code !== 130) return ends;
    // Books are there or not; if they are, all is there, though the end of the process was not waited for.
    if (existsSync(join(out, 'books.json'))) expect(visible(contentOf(out))).toEqual(await undisturbed());
  }
};

test(
  'killed again and again, the same command at last gives what an undisturbed run gives, to the byte',
  async () => {
    const ends = await untilItEnds(argsFor('killed'), 'SIGKILL', newFolder(files, 'killed-out'));
    expect(ends.length).toBeGreaterThan(1);
    expect(ends.at(-1)).toMatchObject({ code: 0 });
    expect(contentOf(newFolder(files, 'killed-out'))).toEqual(await undisturbed());
  },
  PATIENCE_MS,
);

test(
  'Ctrl-C ends a run after its cycle with exit code 130, and the same command goes on to the same results',
  async () => {
    const out = newFolder(files, 'stopped-out');
    const ends = await untilItEnds(argsFor('stopped'), 'SIGINT', out);
    const stopped = ends.filter(({ err }) => err.includes('stopped; the same command goes on from here'));
    expect(stopped.length).toBeGreaterThan(0);
    expect(stopped.every(({ code }) => code === 130)).toBe(true);
    expect(ends.at(-1)).toMatchObject({ code: 0 });
    expect(contentOf(out)).toEqual(await undisturbed());
  },
  PATIENCE_MS,
);

test(
  'Ctrl-C in memory leaves nothing behind, not even the folder',
  async () => {
    const out = newFolder(files, 'memory-out');
    const args = ['run', 'weather', '--input', input, ...lists, '--out', out];
    // What is stopped before it listens for signals ends by the signal; both are fine, results are not.
    const { code, signal, err } = await millraceUntil(args, 'SIGINT', 900);
    if (signal === null) expect([code, err]).toEqual([130, expect.stringContaining(`stopped; ${out} is as it was`)]);
    expect(existsSync(out)).toBe(false);
  },
  PATIENCE_MS,
);

test(
  'a data folder goes on with nothing but the arguments it was begun with, and says which differ',
  async () => {
    expect(await millrace(argsFor('other'))).toMatchObject({ code: 0 });
    const out = newFolder(files, 'other-out');
    const before = contentOf(out);
    const { code, err } = await millrace(argsFor('other', '--shards', '5', '--grace-days', '2'));
    expect(err).toMatch(
      /^millrace: --data ".*other-data" holds a run with other arguments: --grace-days was 1 and is now 2; --shards was 4 and is now 5; give the same ones, or name another folder\n$/,
    );
    expect([code, contentOf(out)]).toEqual([2, before]);
  },
  PATIENCE_MS,
);

test(
  'two runs do not get into one data folder at once',
  async () => {
    const args = argsFor('both');
    const ends = await Promise.all([millrace(args), millrace(args)]);
    // The second one waits a while for the first, and either finds it finished or gives up.
    const told = ends.find(({ code }) => code === 2);
    if (told !== undefined)
      expect(told.err).toMatch(/another run is using it; wait until that is over or name another/);
    expect(ends.filter(({ code }) => code === 0).length).toBeGreaterThan(0);
    expect(contentOf(newFolder(files, 'both-out'))).toEqual(await undisturbed());
  },
  PATIENCE_MS,
);
