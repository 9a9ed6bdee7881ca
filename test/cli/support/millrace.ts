import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../../cli/millrace.js', import.meta.url));
const SET_CLOCK = new URL('./set-clock.ts', import.meta.url).href;
const STOP_AT = new URL('./stop-at.ts', import.meta.url).href;

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
const startMillrace = (
  args: readonly string[],
  cwd?: string,
  {
    stopAt,
    clockMs,
    stdin = 'ignore',
  }: { readonly stopAt?: string; readonly clockMs?: number; readonly stdin?: 'ignore' | 'pipe' } = {},
): Running => {
  const preload = [
    ...(stopAt === undefined ? [] : ['--import', STOP_AT]),
    ...(clockMs === undefined ? [] : ['--import', SET_CLOCK]),
  ];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...preload, BIN, ...args], {
    cwd,
    stdio: [stdin, 'pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      MILLRACE_DEBUG: '',
      NO_COLOR: '1',
      MILLRACE_TEST_STOP_AT: stopAt ?? '',
      MILLRACE_TEST_CLOCK_MS: String(clockMs ?? ''),
    },
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new TypeError('the command has no output');
  const ended = Promise.all([once(child, 'close'), text(stdout), text(stderr)]).then(([, out, err]): Ended => ({
    code: child.exitCode,
    signal: child.signalCode,
    out,
    err,
  }));
  return { child, ended };
};

/** Runs the real command to its end. */
export const millrace = (args: readonly string[], cwd?: string): Promise<Ended> => startMillrace(args, cwd).ended;

/** Runs the real command to its end with this on its standard input. */
export const millraceFed = (args: readonly string[], input: string | Uint8Array): Promise<Ended> => {
  const { child, ended } = startMillrace(args, undefined, { stdin: 'pipe' });
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  return ended;
};

/** Runs the command and sends it a signal after some milliseconds, unless it has ended by then. */
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

/** Runs the command on a machine whose clock starts at another time, in milliseconds since 1970. */
export const millraceAtTime = (args: readonly string[], clockMs: number): Promise<Ended> =>
  startMillrace(args, undefined, { clockMs }).ended;

/** A place in the work of a run: right before the n-th time, from 1, that it commits a transaction or renames a file. */
export interface StopAt {
  readonly at: 'commit' | 'rename';
  readonly nth: number;
}

/** Runs the command, which gets a signal at a place in its work, unless it ends before. */
export const millraceStoppedAt = (
  args: readonly string[],
  signal: NodeJS.Signals,
  { at, nth }: StopAt,
): Promise<Ended> => startMillrace(args, undefined, { stopAt: `${at} ${signal} ${String(nth)}` }).ended;

/** Runs the command up to a place in its work, where it stops, with all its locks, while `work` runs; then to its end. */
export const whileMillraceIsAt = async <Result>(
  args: readonly string[],
  { at, nth }: StopAt,
  work: () => Promise<Result>,
): Promise<{ readonly ended: Ended; readonly result: Result }> => {
  const { child, ended } = startMillrace(args, undefined, { stopAt: `${at} SIGSTOP ${String(nth)}` });
  const [, , , stopped] = child.stdio;
  if (stopped === null || stopped === undefined) throw new TypeError('the command has no descriptor 3');
  try {
    await once(stopped, 'data');
    const result = await work();
    child.kill('SIGCONT');
    return { ended: await ended, result };
  } finally {
    child.kill('SIGKILL');
  }
};
