const MAX_MISTAKES = 2;

/** The name that a given one most likely misspells: at most two letters wrong, missing or added, ignoring case. */
export const nearestName = (given: string, names: readonly string[]): string | undefined => {
  const [nearest] = names
    .map((name) => ({ name, mistakes: mistakesBetween(given.toLowerCase(), name.toLowerCase()) }))
    .filter(({ mistakes }) => mistakes <= MAX_MISTAKES)
    .sort((one, other) => one.mistakes - other.mistakes);
  return nearest?.name;
};

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

/** The question whether the nearest name was meant, with a blank before it; empty where none is near. */
export const didYouMean = (given: string, names: readonly string[]): string => {
  const nearest = nearestName(given, names);
  return nearest === undefined ? '' : ` (did you mean '${nearest}'?)`;
};
