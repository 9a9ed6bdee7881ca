import { expect, test } from '@jest/globals';
import { independentTotals } from './independent-weather.ts';
import { realData } from './real-data.ts';
import { textOfFile, withWeatherRun } from './weather-run.ts';

const LISTS = ['ghcnd/ghcnd-stations.txt.gz', 'ghcnd/ghcnd-countries.txt', 'ghcnd/ghcnd-states.txt'] as const;

/** The files every real run needs, beside its input. */
export const WEATHER_LISTS: readonly string[] = LISTS;

const listArguments = (): string[] => {
  const [stations = '', countries = '', states = ''] = LISTS.map((file) => realData(file) ?? '');
  return ['--stations', stations, '--countries', countries, '--states', states];
};

/** State by station ID, read from the station list in NOAA's columns. */
const statesOf = (stationsFile: string): ReadonlyMap<string, string> =>
  new Map(
    textOfFile(stationsFile)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, 11), line.slice(38, 40).trim()]),
  );

const fieldOf = (line: string, name: string): unknown => {
  const parsed: unknown = JSON.parse(line);
  return typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, name) : undefined;
};

interface Seen {
  readonly errors: Record<string, number>;
  observations: number;
  late: number;
  tmaxTenths: number;
  readonly daily: string[];
}

/** Runs the command on a file and holds every total and every daily row against the independent computation. */
export const checkRealWeather = (
  name: string,
  file: string,
  linesOf: (text: string) => readonly string[],
  args: readonly string[] = [],
): void => {
  test(`${name}: totals, reasons, late lines and every daily row are those of an independent computation`, async () => {
    const states = statesOf(realData(LISTS[0]) ?? '');
    const expected = independentTotals(linesOf(textOfFile(file)), (station) => states.get(station));
    await withWeatherRun(['--input', file, ...args, ...listArguments()], async (run) => {
      expect(run.stderr).not.toMatch(/error|cannot|damaged/i);
      expect(run.status).toBe(0);
      const seen: Seen = { errors: {}, observations: 0, late: 0, tmaxTenths: 0, daily: [] };
      await run.eachLine('streams/weather-errors.jsonl', (line) => {
        const reason = String(fieldOf(line, 'reason'));
        seen.errors[reason] = (seen.errors[reason] ?? 0) + 1;
      });
      await run.eachLine('streams/weather-observations.jsonl', (line) => {
        seen.observations += 1;
        seen.tmaxTenths += Math.round(Number(fieldOf(line, 'TMAX') ?? 0) * 10);
      });
      await run.eachLine('streams/weather-late.jsonl', () => {
        seen.late += 1;
      });
      await run.eachLine('tables/weather-daily.jsonl', (line) => {
        seen.daily.push(line);
      });
      expect(seen.errors).toEqual(expected.errors);
      expect([seen.observations, seen.late, seen.tmaxTenths]).toEqual([
        expected.observations,
        expected.late,
        expected.tmaxTenths,
      ]);
      expect(seen.daily.sort()).toEqual(expected.daily);
      expect(run.books()).toMatchObject({
        'weather/validate': { in: expected.lines, filtered: expected.missing },
        'weather/assemble': { late: expected.late, held: 0, deadLettered: 0 },
        'weather/enrich': { applied: expected.observations, invalid: expected.errors['unknown-station'] ?? 0 },
      });
    });
  }, 240_000);
};

export const csvLines = (text: string): readonly string[] => text.trimEnd().split('\n');

/** The days of NOAA's fixed-width months as CSV lines, by date: what the reader must make of them. */
export const dlyLines = (text: string): readonly string[] => {
  const lines: { readonly order: string; readonly line: string }[] = [];
  for (const month of csvLines(text)) {
    const [station, year, number, element] = [
      month.slice(0, 11),
      month.slice(11, 15),
      month.slice(15, 17),
      month.slice(17, 21),
    ];
    const days = new Date(Date.UTC(Number(year), Number(number), 0)).getUTCDate();
    for (let day = 1; day <= days; day++) {
      const field = month.slice(21 + (day - 1) * 8, 29 + (day - 1) * 8);
      const [value, flags] = [field.slice(0, 5).trim(), field.slice(5).padEnd(3)];
      const date = `${year}${number}${String(day).padStart(2, '0')}`;
      lines.push({
        order: date,
        line: `${station},${date},${element},${value},${flags
          .split('')
          .map((flag) => flag.trim())
          .join(',')},`,
      });
    }
  }
  return lines
    .sort((one, other) => (one.order < other.order ? -1 : Number(one.order > other.order)))
    .map(({ line }) => line);
};
