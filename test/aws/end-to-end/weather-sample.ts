import { textOfFile } from '../../support/weather-run.ts';
import { realData } from '../../support/real-data.ts';
import type { TempFiles } from '../../source/temp-files.ts';
import { madeWeather } from '../../cli/support/made-weather.ts';
import { readWeatherFiles, type WeatherFilePaths } from '../../support/weather-files.ts';
import { lineLocator } from '../../../functions/weather/model/location.ts';

/** Raw lines and what goes with them, as files that the commands take. */
export interface WeatherSample {
  /** What it is, for people. */
  readonly title: string;
  readonly lines: readonly string[];
  /** Files that hold the lines, one part after the other. */
  readonly parts: readonly string[];
  readonly lists: Required<WeatherFilePaths> & { readonly rules: string };
}

const REAL = {
  year: 'ghcnd/2016-us-hcn.csv.gz',
  old: 'ghcnd/1872-world.csv.gz',
  day: 'ghcnd/20030101-world.csv.gz',
  stations: 'ghcnd/ghcnd-stations.txt.gz',
  countries: 'ghcnd/ghcnd-countries.txt',
  states: 'ghcnd/ghcnd-states.txt',
} as const;

/**
 * A few thousand lines. Of the real data: two states over two months of 2016, the beginning of 1872, which is not in order and has
 * stations that are in no list, and some of one day of the whole world, whose windows nothing but the sweep closes. Where the data
 * is not there: generated weather, with its own dirt.
 */
export const weatherSample = async (files: TempFiles): Promise<WeatherSample> => {
  const paths = Object.values(REAL).map(realData);
  return paths.includes(undefined) ? madeSample(files) : realSample(files);
};

const STATES: ReadonlySet<string> = new Set(['US-AZ', 'US-VT']);
const PARTS = 3;
const LAST_DAY = '20160229';
const OLD_LINES = 1_000;
const DAY_LINES = 400;
/** The lines of 2016 up to the last day end before it. */
const MAX_LINES = 200_000;

const realSample = async (files: TempFiles): Promise<WeatherSample> => {
  const [stations, countries, states] = [REAL.stations, REAL.countries, REAL.states].map(pathOf);
  const lists = {
    stations: stations ?? '',
    countries: countries ?? '',
    states: states ?? '',
    rules: files.write(JSON.stringify(RULES), 'rules.json'),
  };
  const locate = lineLocator((await readWeatherFiles(lists)).stations);
  const year = linesOf(REAL.year, MAX_LINES).filter(
    (line) => line.slice(12, 20) <= LAST_DAY && STATES.has(locate(line)),
  );
  const lines = [...soiled(year), ...linesOf(REAL.old, OLD_LINES), ...linesOf(REAL.day, DAY_LINES)];
  return {
    title: `${String(lines.length)} lines of real data`,
    lines,
    parts: partsOf(lines, files),
    lists,
  };
};

/** Cut anywhere: a location's lines are in several of them. */
const partsOf = (lines: readonly string[], files: TempFiles): readonly string[] => {
  const size = Math.ceil(lines.length / PARTS);
  return Array.from({ length: PARTS }, (_, index) =>
    files.write(
      lines
        .slice(index * size, (index + 1) * size)
        .map((line) => `${line}\n`)
        .join(''),
      `part-${String(index + 1)}.csv`,
    ),
  );
};

const pathOf = (file: string): string => realData(file) ?? '';

const linesOf = (file: string, most: number): readonly string[] =>
  textOfFile(pathOf(file))
    .split('\n', most)
    .filter((line) => line !== '');

/** The real lines with what real producers have done to others: broken, missing, repeated with another value, and far too late. */
const soiled = (lines: readonly string[]): readonly string[] => {
  const middle = Math.floor(lines.length / 2);
  const [first = ''] = lines;
  const next = lines[middle] ?? first;
  const [station = '', date = '', element = ''] = next.split(',');
  return [
    ...lines.slice(0, middle + 1),
    'hello',
    `${station},20160230,TMAX,144,,,7,`,
    `${station},${date},TMAX,14.4,,,7,`,
    `${station},${date},WESD,-9999,,,7,`,
    `${station},${date},${element},1,,,7,`,
    `${station},${date},TMAX,\u{1f321} 144,,,7,`,
    ...lines.slice(middle + 1),
    first,
  ];
};

const RULES = [
  {
    id: 'frost',
    email: 'farm@example.org',
    element: 'TMIN',
    op: '<=',
    threshold: 0,
    location: 'US-AZ',
    mode: 'episode',
  },
  {
    id: 'deep-frost',
    email: 'farm@example.org',
    element: 'TMIN',
    op: '<',
    threshold: -15,
    mode: 'episode',
    reminderDays: 3,
  },
  { id: 'snow', email: 'road@example.org', element: 'SNOW', op: '>=', threshold: 50, mode: 'every' },
];

const madeSample = (files: TempFiles): WeatherSample => {
  const { lines, lists } = madeWeather(files, { stations: 12, days: 60 });
  const path = (option: string): string => lists[lists.indexOf(option) + 1] ?? '';
  return {
    title: `${String(lines.length)} generated lines, because the real data is not there`,
    lines,
    parts: partsOf(lines, files),
    lists: {
      stations: path('--stations'),
      countries: path('--countries'),
      states: path('--states'),
      rules: path('--rules'),
    },
  };
};
