import { createHash } from 'node:crypto';

/** The given number of entries, chosen by a seed and independently of their order, in the order they came in. */
export const sampleOf = <One extends { readonly id: string }>(
  all: readonly One[],
  size: number,
  seed: number,
): readonly One[] => {
  const rank = ({ id }: One): string => createHash('sha256').update(`${seed} ${id}`).digest('hex');
  const chosen = new Set(
    all
      .map((one) => ({ one, rank: rank(one) }))
      .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
      .slice(0, size)
      .map(({ one }) => one),
  );
  return all.filter((one) => chosen.has(one));
};
