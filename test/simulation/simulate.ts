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

/** A whole number from 0 from the command line; throws for anything else. */
const wholeNumber = (name: string, text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`--${name} must be a whole number from 0, got '${text}'`);
  return Number(text);
};

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

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

if (values.help) console.log(HELP);
else if (values.seed === undefined) {
  process.exitCode = await simulate(wholeNumber('from', values.from), wholeNumber('seeds', values.seeds));
} else {
  process.exitCode = await simulate(wholeNumber('seed', values.seed), 1, (line) => {
    console.log(line);
  });
}
