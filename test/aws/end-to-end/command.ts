import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** A command that has ended. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that waits for something that does not come is ended, so that the test can say so. */
const LIMIT_MS = 5 * 60_000;
const ROOT = join(import.meta.dirname, '../../..');

/** Runs `millrace` as a user would type it. */
export const millrace = (...args: readonly string[]): Promise<Finished> =>
  run(process.execPath, [join(ROOT, 'cli/millrace.js'), ...args]);

/** Runs a script of `package.json`; rejects with what it printed where it fails. */
export const script = async (name: string, ...args: readonly string[]): Promise<Finished> => {
  const finished = await run('npm', ['run', '--silent', name, '--', ...args]);
  if (finished.code === 0) return finished;
  throw new Error(`npm run ${name} ended with ${String(finished.code)}:\n${finished.stdout}\n${finished.stderr}`);
};

const run = async (program: string, args: readonly string[]): Promise<Finished> => {
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS });
  const code = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
};
