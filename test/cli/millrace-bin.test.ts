import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const BIN = fileURLToPath(new URL('../../cli/millrace.js', import.meta.url));

/** In place of the program: says what it was given, and waits without end if asked to. */
const PROGRAM = `
import { DatabaseSync } from 'node:sqlite';
export const main = async (argv: readonly string[]): Promise<number> => {
  new DatabaseSync(':memory:').close();
  console.log(JSON.stringify({ argv, pid: process.pid }));
  if (argv[0] === 'wait') await new Promise((done) => setTimeout(done, 600_000));
  return Number(argv[1] ?? 0);
};
`;

let folder = '';
let bin = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-bin-'));
  bin = join(folder, 'millrace.js');
  copyFileSync(BIN, bin);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'main.ts'), PROGRAM);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the program gets the arguments as they were typed, and its result is the exit code', () => {
  const { status, stdout } = spawnSync(process.execPath, [bin, 'run', '3', 'a "b" $c'], { encoding: 'utf8' });
  expect(JSON.parse(stdout)).toMatchObject({ argv: ['run', '3', 'a "b" $c'] });
  expect(status).toBe(3);
});

// Without /proc a process cannot see that npm is gone.
const onLinux = existsSync('/proc/self/stat') ? describe : describe.skip;

onLinux('a run whose starter is killed outright', () => {
  /** Starts the program as npm does, through a shell, and kills what is in the place of npm. */
  const killStarter = async (
    env: NodeJS.ProcessEnv,
  ): Promise<{ readonly pid: number; readonly ended: Promise<unknown> }> => {
    const starter = `
      const { spawn } = require('node:child_process');
      spawn('sh', ['-c', '"$0" "$1" wait; true', process.execPath, process.argv[1]], { stdio: 'inherit' });
    `;
    const npm = spawn(process.execPath, ['-e', starter, bin], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    // The pipe ends when the last process that holds it has ended, whatever its parent is by then.
    const ended = once(npm.stdout, 'end');
    const first: readonly unknown[] = await once(npm.stdout.setEncoding('utf8'), 'data');
    npm.kill('SIGKILL');
    await once(npm, 'exit');
    return { pid: Number(/"pid":(?<pid>\d+)/u.exec(String(first[0]))?.groups?.['pid']), ended };
  };

  test('ends too where npm started it, so that the next run has the data folder to itself', async () => {
    const { ended } = await killStarter({ ...process.env, npm_command: 'exec' });
    await expect(ended).resolves.toEqual([]);
  });

  test('goes on where a person sent it to the background', async () => {
    const env = { ...process.env };
    delete env['npm_command'];
    const { pid, ended } = await killStarter(env);
    const pause = new Promise((done) => setTimeout(done, 600, 'still running'));
    expect(await Promise.race([ended, pause])).toBe('still running');
    process.kill(pid, 'SIGKILL');
    await ended;
  });
});
