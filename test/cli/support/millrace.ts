import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../../cli/millrace.js', import.meta.url));

/** How a command ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts the real command in a folder. */
const startMillrace = (args: readonly string[], cwd?: string): Running => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', BIN, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, MILLRACE_DEBUG: '', NO_COLOR: '1' },
  });
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([, out, err]): Ended => ({ code: child.exitCode, signal: child.signalCode, out, err }),
  );
  return { child, ended };
};

/** Runs the real command to its end. */
export const millrace = (args: readonly string[], cwd?: string): Promise<Ended> => startMillrace(args, cwd).ended;

/** Runs the command and sends it a signal after so many milliseconds, unless it has ended by then. */
export const millraceUntil = async (
  args: readonly string[],
  signal: NodeJS.Signals,
  afterMs: number,
): Promise<Ended> => {
  const { child, ended } = startMillrace(args);
  const timer = setTimeout(() => child.kill(signal), afterMs);
  const result = await ended;
  clearTimeout(timer);
  return result;
};
