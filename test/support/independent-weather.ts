/*
 * The weather pipeline computed the short way, to check the long one against: one pass over all lines in one process, no
 * streams, no batches, no state store. It shares no code with the pipeline on purpose.
 */

/** What came of a file. */
export interface IndependentTotals {
  readonly lines: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly missing: number;
  readonly late: number;
  readonly observations: number;
  /** Rows of the daily table as JSON, sorted. */
  readonly daily: readonly string[];
  /** Sum of all observed TMAX in tenths, as a check on values. */
  readonly tmaxTenths: number;
}

const DAY_MS = 86_400_000;
const GRACE_DAYS = 1;

interface OpenDay {
  readonly station: string;
  readonly location: string;
  readonly date: string;
  readonly elements: Map<string, number>;
}

interface Extremes {
  observations: number;
  low: { celsius: number; station_id: string } | undefined;
  high: { celsius: number; station_id: string } | undefined;
}

/** Computes the totals of raw lines; `stateOf` gives the state of a listed station, '' for none, undefined if not listed. */
export const independentTotals = (
  lines: readonly string[],
  stateOf: (station: string) => string | undefined,
): IndependentTotals => {
  const errors: Record<string, number> = {};
  const fail = (reason: string): void => {
    errors[reason] = (errors[reason] ?? 0) + 1;
  };
  let missing = 0;
  let late = 0;
  const days = new Map<string, OpenDay>();
  const newest = new Map<string, number>();

  for (const line of lines) {
    const [station = '', date = '', element = '', value = '', , flag] = line.split(',');
    const state = stateOf(station);
    const location = state === undefined || state === '' ? station.slice(0, 2) : `${station.slice(0, 2)}-${state}`;
    if (value === '-9999') {
      missing += 1;
      continue;
    }
    if (flag !== '' && flag !== undefined) {
      fail(`quality-flag:${flag}`);
      continue;
    }
    const day = Date.parse(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`) / DAY_MS;
    const watermark = newest.get(location) ?? -Infinity;
    if (day + 1 + GRACE_DAYS <= watermark) late += 1;
    else {
      const id = `${station} ${date}`;
      const open = days.get(id) ?? { station, location, date, elements: new Map<string, number>() };
      days.set(id, open);
      if (open.elements.has(element)) fail('duplicate-element');
      else open.elements.set(element, Number(value));
    }
    newest.set(location, Math.max(watermark, day));
  }

  const rows = new Map<string, Extremes>();
  let observations = 0;
  let tmaxTenths = 0;
  for (const { station, location, date, elements } of days.values()) {
    if (stateOf(station) === undefined) {
      fail('unknown-station');
      continue;
    }
    observations += 1;
    tmaxTenths += elements.get('TMAX') ?? 0;
    const key = `${location}/${date}`;
    const row: Extremes = rows.get(key) ?? { observations: 0, low: undefined, high: undefined };
    rows.set(key, row);
    row.observations += 1;
    const [low, high] = [elements.get('TMIN'), elements.get('TMAX')];
    if (low !== undefined && isBetter(row.low, low / 10, station, -1))
      row.low = { celsius: low / 10, station_id: station };
    if (high !== undefined && isBetter(row.high, high / 10, station, 1))
      row.high = { celsius: high / 10, station_id: station };
  }
  const daily = [...rows].map(([key, { observations: count, low, high }]) => {
    const [location = '', date = ''] = key.split('/');
    const isoDate = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;
    return JSON.stringify({ location, date: isoDate, observations: count, low, high });
  });
  return { lines: lines.length, errors, missing, late, observations, daily: daily.sort(), tmaxTenths };
};

const isBetter = (known: Extremes['low'], celsius: number, station: string, sign: number): boolean => {
  if (known === undefined) return true;
  if (celsius === known.celsius) return station < known.station_id;
  return (celsius - known.celsius) * sign > 0;
};
