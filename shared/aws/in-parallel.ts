/**
 * Runs a task for each item, at most `max` at a time, and begins the next as soon as one ends. Answers come in the order of
 * the items. After a task that throws no other begins; its error is thrown when all running tasks have ended, so that none
 * is left running unseen.
 */
export const inParallel = async <Item, Answer>(
  max: number,
  items: readonly Item[],
  task: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> => {
  const answers: Answer[] = [];
  const failures: { readonly thrown: unknown }[] = [];
  const queue = items.entries();
  const work = async (): Promise<void> => {
    // The iterator is shared: each worker takes the next item that none has taken.
    for (const [index, item] of queue) {
      try {
        answers[index] = await task(item);
      } catch (thrown) {
        failures.push({ thrown });
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(max, items.length) }, work));
  const [failure] = failures;
  if (failure !== undefined) throw failure.thrown;
  return answers;
};
