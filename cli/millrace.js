#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-semi-space-size=32
// Plain JavaScript, so that a Node too old to read TypeScript can still get as far as starting the right one.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MIN_NODE_MAJOR = 24;
/**
 * Also in the first line and in the start script. The records of a cycle live longer than the default young generation is
 * filled in; twice its size halves the time that collecting it takes.
 */
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=32'];
const ORPHAN_CHECK_MS = 200;

/**
 * The Node this checkout pins as a dev dependency, or undefined where it is not installed.
 *
 * @returns {string | undefined}
 */
const pinnedNode = () => {
  try {
    const folder = join(createRequire(import.meta.url).resolve('node/package.json'), '..', 'bin');
    return join(folder, process.platform === 'win32' ? 'node.exe' : 'node');
  } catch {
    return undefined;
  }
};

/**
 * Runs this file again under another Node and ends as that one ends.
 *
 * @param {string} node
 */
const runAgainUnder = (node) => {
  const child = spawn(node, [...NODE_FLAGS, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, MILLRACE_STARTER_PID: String(process.pid) },
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both of us, and a second one could be read as impatience.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`millrace: cannot start ${node}: ${error.message}; run \`npm ci\` again\n`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
  });
};

/**
 * The parent of a process, undefined on a system without `/proc`.
 *
 * @param {number} pid
 * @returns {string | undefined}
 */
const parentOf = (pid) => {
  try {
    // The command's name is in parentheses and may itself hold spaces and parentheses.
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) \S /su, '')
      .split(' ', 1)[0];
  } catch {
    return undefined;
  }
};

/**
 * Ends this process when the one that waits for it is gone: killing `npx` outright would otherwise leave a run
 * that goes on writing to the data folder the next run opens. Only where something is known to wait, because a process
 * that was sent to the background by hand is meant to outlive its shell.
 */
const endWithStarter = () => {
  const underNpm = process.env['npm_command'] !== undefined;
  if (!underNpm && process.env['MILLRACE_STARTER_PID'] !== String(process.ppid)) return;
  // npm starts its command through a shell, which lives on when npm is killed.
  const starters = () => `${process.ppid} ${underNpm ? parentOf(process.ppid) : ''}`;
  const atStart = starters();
  setInterval(() => {
    if (starters() !== atStart) process.kill(process.pid, 'SIGKILL');
  }, ORPHAN_CHECK_MS).unref();
};

/**
 * A checkout runs from its sources; the package has what the build made of them, because Node strips no types in `node_modules`.
 *
 * @returns {Promise<typeof import('./main.ts')>}
 */
const mainModule = () => {
  const source = new URL('main.ts', import.meta.url);
  const url = existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url);
  return import(url.href);
};

if (Number.parseInt(process.versions.node, 10) >= MIN_NODE_MAJOR) {
  endWithStarter();
  const { main } = await mainModule();
  process.exitCode = await main(process.argv.slice(2));
} else {
  const node = pinnedNode();
  if (node === undefined) {
    process.stderr.write(
      `millrace: needs Node ${MIN_NODE_MAJOR} or newer and this is ${process.version}; run \`npm ci\` in a checkout, \`npm install --save-dev node@${MIN_NODE_MAJOR}\` in a project of yours\n`,
    );
    process.exitCode = 2;
  } else {
    runAgainUnder(node);
  }
}
