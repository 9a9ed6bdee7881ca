import type { AlertRule } from '../../functions/weather/model/alert-rule.ts';
import { lineLocator } from '../../functions/weather/model/location.ts';
import type { Stations } from '../../functions/weather/model/station.ts';
import { rawLines } from '../../functions/weather/streams.ts';
import { alertRules, stations as stationTable } from '../../functions/weather/tables.ts';
import { weather } from '../../functions/weather/topology.ts';
import { newestDateIn } from '../run/mail-file.ts';
import type { Pipeline } from '../run/source.ts';
import { lineArrivalMs } from './arrival.ts';

export interface WeatherPipelineOptions {
  readonly stations: Stations;
  readonly rules: readonly AlertRule[];
  readonly graceDays: number;
}

/** The weather pipeline and its reference data. */
export const weatherPipeline = ({ stations, rules, graceDays }: WeatherPipelineOptions): Pipeline => ({
  topology: weather({ graceDays }),
  source: rawLines.name,
  reference: {
    [stationTable.name]: stations,
    [alertRules.name]: new Map(rules.map((rule) => [rule.id, rule])),
  },
  mail: { dateOf: newestDateIn },
  locate: lineLocator(stations),
  arrivalMs: lineArrivalMs,
});
