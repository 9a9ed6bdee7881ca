import type { SeededRandom } from '../seeded-random.ts';

/** One row out of several, each of which keeps its own order. */
export const interleaved = <Item>(rows: readonly (readonly Item[])[], chance: SeededRandom): readonly Item[] => {
  const left = rows.filter((row) => row.length > 0).map((row) => [...row]);
  const mixed: Item[] = [];
  while (left.length > 0) {
    const row = chance.pick(left);
    mixed.push(...row.splice(0, chance.between(1, 4)));
    if (row.length === 0) left.splice(left.indexOf(row), 1);
  }
  return mixed;
};
