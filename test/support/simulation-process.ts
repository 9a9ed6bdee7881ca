import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** How a run of the simulator ended. */
export interface SimulationEnd {
  readonly exitCode: number | null;
  readonly output: string;
  /** The numbers of its summary by name: faults of each sort, and what came of them. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Time for a thousand schedules on a machine that has other things to do as well. */
export const THOUSAND_SCHEDULES_MS: number = 15 * 60_000;

/** Runs the simulator as its command does: in a process of its own, because Jest's sandbox makes it several times slower. */
export const simulate = async (...args: readonly string[]): Promise<SimulationEnd> => {
  const program = ['--disable-warning=ExperimentalWarning', 'test/simulation/simulate.ts'];
  const child = spawn(process.execPath, [...program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  const [out, err, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const output = out + err;
  return { exitCode, output, counts: Object.fromEntries(output.split('\n').flatMap(countOf)) };
};

/** `  crash at put   384` or `records lost: 0` */
const countOf = (line: string): readonly (readonly [string, number])[] => {
  const { name, count } = /^ *(?<name>\D+?):? +(?<count>\d+)$/.exec(line)?.groups ?? {};
  return name === undefined || count === undefined ? [] : [[name, Number(count)]];
};

/** A summary in which nothing went wrong. */
export const NOTHING_WRONG = {
  exitCode: 0,
  counts: { 'records lost': 0, 'effects doubled': 0, 'other differences': 0, failed: 0 },
};
