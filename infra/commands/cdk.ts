import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const CDK = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');

/** Runs the CDK's command line with this Node, on this terminal. Returns whether it succeeded. */
export const runCdk = (env: NodeJS.ProcessEnv, args: readonly string[]): boolean =>
  spawnSync(process.execPath, [CDK, ...args, '--no-notices'], { cwd: ROOT, env, stdio: 'inherit' }).status === 0;

const OPTION = '--require-approval';

/**
 * The option that says which changes need approval, with our default. Empty if the user has given it, because the CDK accepts it
 * only once.
 *
 * @example
 * ```ts
 * approval('broadening', []); // ['--require-approval', 'broadening']
 * approval('broadening', ['--require-approval=never']); // []
 * ```
 */
export const approval = (preset: 'broadening' | 'never', options: readonly string[]): readonly string[] =>
  options.some((option) => option === OPTION || option.startsWith(`${OPTION}=`)) ? [] : [OPTION, preset];
