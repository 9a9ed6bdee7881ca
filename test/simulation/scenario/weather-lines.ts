import type { Station } from '../../../functions/weather/model/station.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { interleaved } from './interleaved.ts';
import type { Raw } from './chunks.ts';

/** A location, the stations of the list that are in it, and one that is not in the list. */
export interface Region {
  readonly location: string;
  readonly stations: readonly Station[];
  readonly unknownStationId: string;
}

const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2016, 0, 1);
const ELEMENTS = ['TMIN', 'TMAX', 'PRCP', 'SNOW'] as const;

/** Dirty lines of several days, one row per phase; every line is a text of its own, so that its outcome can be traced. */
export const weatherLines = (
  regions: readonly Region[],
  phases: number,
  chance: SeededRandom,
): readonly (readonly Raw[])[] => {
  let lines = 0;
  let day = 0;
  return Array.from({ length: phases }, () => {
    const days: number[] = [];
    for (let left = chance.between(phases > 1 ? 2 : 4, phases > 1 ? 3 : 7); left > 0; left--) {
      day += chance.yes(0.15) ? chance.between(2, 4) : 1;
      days.push(day);
    }
    const rows = regions.map(({ location, stations, unknownStationId }) => {
      const ids = [...stations.map(({ id }) => id), ...(chance.yes(0.5) ? [unknownStationId] : [])];
      const texts = days.flatMap((each) => dayOf(ids, each, chance, () => String(lines++).padStart(4, '0')));
      return texts.map((text) => ({ partitionKey: location, text }));
    });
    return interleaved(rows, chance);
  });
};

const dayOf = (
  stationIds: readonly string[],
  day: number,
  chance: SeededRandom,
  mark: () => string,
): readonly string[] =>
  chance
    .shuffled(stationIds)
    .filter(() => chance.yes(0.85))
    .flatMap((id) =>
      chance
        .shuffled(ELEMENTS)
        .slice(0, chance.between(1, 3))
        .flatMap((element) => linesOf(id, day, element, chance, mark)),
    );

const linesOf = (
  id: string,
  day: number,
  element: string,
  chance: SeededRandom,
  mark: () => string,
): readonly string[] => {
  const good = lineOf(id, dateOf(day), element, String(chance.between(-250, 250)), '', mark());
  const dice = chance.next();
  if (dice < 0.72) return [good];
  if (dice < 0.76) return [`not a line at all ${mark()}`];
  if (dice < 0.79) return [lineOf(id, '20160231', element, '1', '', mark())];
  if (dice < 0.83) return [lineOf(id, dateOf(day), element, '7', 'X', mark())];
  if (dice < 0.86) return [lineOf(id, dateOf(day), element, '-9999', '', mark())];
  // Said twice, with another value: the first one counts.
  if (dice < 0.9) return [good, lineOf(id, dateOf(day), element, String(chance.between(-250, 250)), '', mark())];
  // Of a day before: within the grace or late.
  if (dice < 0.98) return [lineOf(id, dateOf(day - chance.between(1, 4)), element, '-31', '', mark())];
  return [good, lineOf(id, dateOf(day + 3), element, '55', '', mark())];
};

const lineOf = (id: string, date: string, element: string, value: string, flag: string, mark: string): string =>
  `${id},${date},${element},${value},,${flag},7,${mark}`;

const dateOf = (day: number): string =>
  new Date(FIRST_DAY_MS + day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
