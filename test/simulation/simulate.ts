import { parseArgs } from 'node:util';
import { report, Tally } from './report.ts';
import { runSchedule } from './schedule.ts';

const HELP = `Runs seeded schedules of faults and compares each with the fault-free run of the same input.

  npm run simulate                       2000 schedules
  npm run simulate -- --seeds 100000     as many as you like
  npm run simulate -- --from 5000        beginning with another seed
  npm run simulate -- --seed 42          one schedule, with all that happens in it
`;

const PROGRESS_MS = 10_000;

const simulate = async (first: number, count: number, tell?: (line: string) => void): Promise<number> => {
  const tally = new Tally();
  let toldMs = performance.now();
  for (let seed = first; seed < first + count; seed++) {
    const failure = await runSchedule(seed, tell).then(
      (result) => tally.add(result),
      (error: unknown) => tally.addBroken(seed, error),
    );
    if (failure !== undefined) console.log(failure);
    if (performance.now() - toldMs < PROGRESS_MS) continue;
    toldMs = performance.now();
    console.log(tally.progress(count));
  }
  console.log(report(tally));
  return tally.failed === 0 ? 0 : 1;
};

const OPTIONS = {
  seeds: { type: 'string', default: '2000' },
  from: { type: 'string', default: '0' },
  seed: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const wholeNumber = (option: string, text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`--${option} must be a whole number from 0, got '${text}'`);
  return Number(text);
};

/** Does what the arguments say; answers the exit code. */
const main = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (values.seed === undefined) return simulate(wholeNumber('from', values.from), wholeNumber('seeds', values.seeds));
  return simulate(wholeNumber('seed', values.seed), 1, (line) => {
    console.log(line);
  });
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  process.exitCode = 2;
}
