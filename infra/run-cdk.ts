import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const CDK = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');

/** Runs the CDK's command line with this Node; whether it went well. What there is to say it says itself. */
export const runCdk = (env: NodeJS.ProcessEnv, args: readonly string[]): boolean =>
  spawnSync(process.execPath, [CDK, ...args, '--no-notices'], { cwd: ROOT, env, stdio: 'inherit' }).status === 0;
