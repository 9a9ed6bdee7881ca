import Table from 'cli-table3';

/** What is measured: each candidate gets a fresh input of its own in each round. */
export interface Comparison<Input> {
  readonly unit: string;
  readonly perRun: number;
  prepare(): Input;
  readonly candidates: Readonly<Record<string, (input: Input) => void | Promise<void>>>;
  /** @default 40 */
  readonly rounds?: number;
}

/**
 * Runs candidates in turn, round by round, so that a machine that gets slower slows all of them; prints medians, and the
 * median of the ratio to the first candidate taken round by round.
 */
export const compare = async <Input>(options: Comparison<Input>): Promise<void> => {
  const { unit, perRun, candidates, rounds = 40 } = options;
  const names = Object.keys(candidates);
  const seconds = new Map(names.map((name): [string, number[]] => [name, []]));
  for (let round = -rounds / 2; round < rounds; round++) {
    for (const [name, run] of Object.entries(candidates)) {
      const input = options.prepare();
      const start = process.hrtime.bigint();
      await run(input);
      const elapsed = Number(process.hrtime.bigint() - start) / 1e9;
      if (round >= 0) seconds.get(name)?.push(elapsed);
    }
  }
  const [first = ''] = names;
  const table = new Table({ head: ['', `${unit}/s median`, 'fastest', 'slowest', `time against '${first}'`] });
  for (const name of names) {
    const all = seconds.get(name) ?? [];
    const ratios = all.map((one, index) => one / (seconds.get(first)?.[index] ?? one));
    const rate = (elapsed: number): string => Math.round(perRun / elapsed).toLocaleString('en');
    table.push([
      name,
      rate(median(all)),
      rate(Math.min(...all)),
      rate(Math.max(...all)),
      `${median(ratios).toFixed(2)} x`,
    ]);
  }
  console.log(table.toString());
};

/** The middle one of some numbers. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};
