import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { tempFiles } from '../../source/temp-files.ts';
import { contentOf } from '../support/folder-content.ts';
import { madeWeather, newFolder } from '../support/made-weather.ts';
import { millrace, millraceStoppedAt, whileMillraceIsAt, type Ended } from '../support/millrace.ts';

const files = tempFiles();
// More than two cycles, so that a run can stop between them.
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

/** Each is written under a hidden name first. */
const mails = async (): Promise<number> => {
  await undisturbed();
  return readdirSync(join(newFolder(files, 'undisturbed'), 'outbox')).length;
};

// Many runs in one test, on machines that may be busy.
const PATIENCE_MS = 300_000;

test(
  'killed in each of its transactions, the same command at last gives what an undisturbed run gives, to the byte',
  async () => {
    const args = argsFor('killed');
    const ends: Ended[] = [];
    // The first commit opens the folder, the next ones are cycles: the third time on, each process gets one cycle further.
    for (const nth of [1, 2, 3, 3]) ends.push(await millraceStoppedAt(args, 'SIGKILL', { at: 'commit', nth }));
    expect(ends.map(({ signal }) => signal)).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGKILL']);
    expect(await millrace(args)).toMatchObject({
      code: 0,
      err: expect.stringContaining('goes on after record 40,000'),
    });
    expect(contentOf(newFolder(files, 'killed-out'))).toEqual(await undisturbed());
  },
  PATIENCE_MS,
);

test(
  'killed while its results are put in place, it leaves no books, or all that the books are of',
  async () => {
    const args = argsFor('moved');
    const out = newFolder(files, 'moved-out');
    await millrace(args);
    const whole = visible(contentOf(out));
    for (const nth of [1, 4, 7, 9]) {
      const { signal } = await millraceStoppedAt(args, 'SIGKILL', { at: 'rename', nth: (await mails()) + nth });
      expect(signal).toBe('SIGKILL');
      if (existsSync(join(out, 'books.json'))) expect(visible(contentOf(out))).toEqual(whole);
    }
    expect(await millrace(args)).toMatchObject({ code: 0 });
    expect(contentOf(out)).toEqual(await undisturbed());
  },
  PATIENCE_MS,
);

test(
  'Ctrl-C ends a run after its cycle with exit code 130, and the same command goes on to the same results',
  async () => {
    const args = argsFor('stopped');
    const { code, err } = await millraceStoppedAt(args, 'SIGINT', { at: 'commit', nth: 2 });
    expect([code, err]).toEqual([
      130,
      expect.stringContaining('millrace: stopped; the same command goes on from here\n'),
    ]);
    const next = await millrace(args);
    expect([next.code, next.err]).toEqual([0, expect.stringMatching(/goes on after record [24]0,000, from /)]);
    expect(contentOf(newFolder(files, 'stopped-out'))).toEqual(await undisturbed());
  },
  PATIENCE_MS,
);

test(
  'Ctrl-C in memory leaves nothing, not even the folder',
  async () => {
    const out = newFolder(files, 'memory-out');
    const args = ['run', 'weather', '--input', input, ...lists, '--out', out];
    const { code, err } = await millraceStoppedAt(args, 'SIGINT', { at: 'commit', nth: 2 });
    expect([code, err]).toEqual([130, expect.stringContaining(`millrace: stopped; ${out} is as it was\n`)]);
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
      /^millrace: --data ".*other-data" holds a run with other arguments: --grace-days was 1 and is now 2; --shards was 4 and is now 5; give the same ones, or name another --data folder\n$/,
    );
    expect([code, contentOf(out)]).toEqual([2, before]);
  },
  PATIENCE_MS,
);

test(
  'a run does not go on with an input that was edited in the middle',
  async () => {
    const edited = files.write(readFileSync(input), 'edited.csv');
    const args = ['run', 'weather', '--input', edited, ...lists, '--out', newFolder(files, 'edited-out')];
    const inFolder = [...args, '--data', newFolder(files, 'edited-data')];
    await millraceStoppedAt(inFolder, 'SIGKILL', { at: 'commit', nth: 4 });
    const text = readFileSync(edited, 'latin1');
    writeFileSync(edited, text.replace(/^(.{200000})./s, '$1#'), 'latin1');
    const { code, err } = await millrace(inFolder);
    expect(err).toMatch(
      /".*edited.csv" was changed after it was read: .*; put it back, or name another --data folder\n$/,
    );
    expect([code, existsSync(join(newFolder(files, 'edited-out'), 'books.json'))]).toEqual([2, false]);
  },
  PATIENCE_MS,
);

test(
  'damage inside a stored text is reported as a damaged database',
  async () => {
    const args = argsFor('damaged');
    await millraceStoppedAt(args, 'SIGKILL', { at: 'commit', nth: 3 });
    const database = new DatabaseSync(join(newFolder(files, 'damaged-data'), 'millrace.db'));
    database.exec("UPDATE notes SET value = substr(value, 2) WHERE name = 'run position'");
    database.close();
    const { code, err } = await millrace(args);
    expect(err).toMatch(/its database is damaged or of another program; name another --data and run from the start\n$/);
    expect(code).toBe(2);
  },
  PATIENCE_MS,
);

test(
  'of two runs on one data folder one is refused, and the other is not disturbed',
  async () => {
    const args = argsFor('both');
    const { ended, result } = await whileMillraceIsAt(args, { at: 'commit', nth: 2 }, () =>
      millrace([...args, '--out', newFolder(files, 'both-other-out')]),
    );
    expect(result).toMatchObject({
      code: 2,
      err: expect.stringMatching(
        /both-data": another run is using it; wait until that is over or name another --data\n$/,
      ),
    });
    expect(ended).toMatchObject({ code: 0 });
    expect(contentOf(newFolder(files, 'both-out'))).toEqual(await undisturbed());
  },
  PATIENCE_MS,
);
