import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answers } from './answers.ts';
import { localEnvironment } from './local-environment.ts';
import type { RunningEndpoint } from './running-endpoint.ts';

const START_LIMIT_MS = 60_000;
const POLL_MS = 100;
const STOP_LIMIT_MS = 5_000;

/**
 * Starts MiniStack as a process of this machine, on a free port of the loopback interface. Rejects with what it printed where it
 * ends or does not answer within a minute.
 */
export const startMinistack = async (program: string): Promise<RunningEndpoint> => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-ministack-'));
  const logFile = join(folder, 'log.txt');
  const port = await freePort();
  const log = openSync(logFile, 'w');
  const child = spawn(program, [], {
    cwd: folder,
    env: {
      // It hands its own environment on to functions.
      ...localEnvironment(process.env),
      // It runs functions with the first `node` there is.
      PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      // Both open ports on all interfaces.
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      LOG_LEVEL: 'WARNING',
    },
    stdio: ['ignore', log, log],
    // A group of its own: a terminal's Ctrl-C must not take it from under the tests, and its workers end with it.
    detached: true,
  });
  closeSync(log);
  let failure: string | undefined;
  child.once('error', ({ message }) => (failure = message));
  child.once('exit', (code, signal) => (failure ??= `ended with ${signal ?? String(code)}`));

  const killGroup = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // No process of the group is left.
    }
  };
  // The last resort, where this process ends without having closed anything.
  const killAtExit = (): void => killGroup('SIGKILL');
  process.once('exit', killAtExit);
  const close = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      killGroup('SIGTERM');
      await Promise.race([ended, sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
    }
    killGroup('SIGKILL');
    process.off('exit', killAtExit);
    rmSync(folder, { recursive: true, force: true });
  };

  const url = `http://127.0.0.1:${String(port)}`;
  const giveUpAtMs = Date.now() + START_LIMIT_MS;
  while (!(await answers(`${url}/_ministack/health`))) {
    if (failure === undefined && Date.now() < giveUpAtMs) {
      await sleep(POLL_MS);
      continue;
    }
    const printed = readFileSync(logFile, 'utf8').slice(-2_000);
    await close();
    throw new Error(`${program} did not start: ${failure ?? 'no answer within a minute'}\n${printed}`);
  }
  return { url, close };
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no free port');
  return address.port;
};
