/**
 * Runs all tasks, at most so many at a time, begun in order; answers in order. The first error is thrown when every task
 * has ended, so that none is left running unseen.
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
