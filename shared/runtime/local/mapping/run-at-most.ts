/**
 * Runs all tasks in groups of so many, begun in order; answers in order. The first error is thrown when every task has ended,
 * so that none is left running unseen.
 *
 * The next group begins when all of the one before have ended: which of them ends first must not decide what happens next, or
 * a schedule could not be repeated.
 */
export const runAtMost = async <Result>(
  concurrency: number,
  tasks: readonly (() => Promise<Result>)[],
): Promise<readonly Result[]> => {
  const settled: PromiseSettledResult<Result>[] = [];
  for (let start = 0; start < tasks.length; start += concurrency) {
    const group = tasks.slice(start, start + concurrency);
    settled.push(...(await Promise.allSettled(group.map((task) => task()))));
  }
  return settled.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
};
