/**
 * The one of `names` that `given` is most likely a misspelling of: at most two letters are wrong, missing or too many,
 * capitals aside. Undefined where none is that near.
 *
 * @example
 * ```ts
 * nearestName('shard', ['shards', 'stage']); // 'shards'
 * nearestName('alertemail', ['alertEmail']); // 'alertEmail'
 * nearestName('colour', ['shards', 'stage']); // undefined
 * ```
 */
export const nearestName = (given: string, names: readonly string[]): string | undefined => {
  const [nearest] = names
    .map((name) => ({ name, mistakes: mistakesBetween(given.toLowerCase(), name.toLowerCase()) }))
    .filter(({ mistakes }) => mistakes <= MOST_MISTAKES)
    .sort((one, other) => one.mistakes - other.mistakes);
  return nearest?.name;
};

const MOST_MISTAKES = 2;

/** Levenshtein distance. */
const mistakesBetween = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 0; at < one.length; at += 1) {
    const next = [at + 1];
    for (let column = 0; column < other.length; column += 1) {
      const replaced = (row[column] ?? 0) + (one[at] === other[column] ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};
