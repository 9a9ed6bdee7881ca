import { json } from '../../shared/codec/json.ts';
import { table, type Table } from '../../shared/processor/table.ts';
import type { AlertRule } from './model/alert-rule.ts';
import type { Station } from './model/station.ts';
import { isAlert, type Alert } from './streams.ts';

const has = (value: unknown, field: string): value is object =>
  typeof value === 'object' && value !== null && field in value;

/** Stations by ID. Loaded from NOAA's lists. */
export const stations: Table<Station> = table(
  'weather-stations',
  json('station', (value): value is Station => has(value, 'country_code')),
);

/** Alert rules by id. Small: a processor holds the whole table in memory. */
export const alertRules: Table<AlertRule> = table(
  'weather-rules',
  json('alert rule', (value): value is AlertRule => has(value, 'threshold')),
);

/** The extremes of one location and day. */
export interface DailyRow {
  readonly location: string;
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly observations: number;
  readonly low?: Extreme;
  readonly high?: Extreme;
}

/** A temperature and the station that measured it. */
export interface Extreme {
  readonly celsius: number;
  readonly station_id: string;
}

/** Lowest and highest temperature per location and day, kept up to date. Key: `US-AZ/2016-01-01`. */
export const daily: Table<DailyRow> = table(
  'weather-daily',
  json('daily row', (value): value is DailyRow => has(value, 'observations')),
);

/**
 * Every alert, by location, day and id. Key: `US-AZ/2016-01-01/frost/USC00028815/2016-01-01/alert/afc94a7b3c90`; with the longest
 * rule id and location it has some 160 characters and 370 bytes.
 */
export const alertLogTable: Table<Alert> = table('weather-alert-log', json('alert', isAlert));
