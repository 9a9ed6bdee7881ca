import { alertRoute } from '../../../../../functions/weather/handlers/api/alert-route.ts';
import { ruleRoutes } from '../../../../../functions/weather/handlers/api/rule-routes.ts';
import { alertLog } from '../../../../../functions/weather/alert-log.ts';
import type { Station } from '../../../../../functions/weather/model/station.ts';
import { alerts, type Alert } from '../../../../../functions/weather/streams.ts';
import { alertLogTable } from '../../../../../functions/weather/tables.ts';
import { topology } from '../../../../../shared/processor/topology.ts';
import { api, type ApiHandler } from '../../../../../shared/runtime/lambda/api/api.ts';
import { cursors } from '../../../../../shared/runtime/lambda/api/cursor.ts';
import { testDriver } from '../../../../../shared/testing/test-driver.ts';
import { memoryTable, type MemoryTable } from '../../../../runtime/lambda/api/support/memory-table.ts';

/** The weather routes over tables in memory, and the tables. */
export interface WeatherApi {
  readonly handler: ApiHandler;
  readonly rules: MemoryTable;
  readonly log: MemoryTable;
}

/** Two stations of one location, and one of another. */
export const STATIONS: readonly Station[] = [
  { id: 'USC00028815', country_code: 'US', state_code: 'AZ', location: { lat: 32, lon: -111 }, name: 'TUCSON 17' },
  { id: 'USC00020001', country_code: 'US', state_code: 'AZ', location: { lat: 33, lon: -112 }, name: 'ELSEWHERE' },
  { id: 'GMM00010384', country_code: 'GM', location: { lat: 52, lon: 13 }, name: 'BERLIN' },
];

/** What a rule says of a station on a day. */
export const alertOn = (date: string, station: string, location: string, rule = 'frost'): Alert => ({
  id: `${rule}/${station}/${date}/alert`,
  rule,
  kind: 'alert',
  station_id: station,
  location,
  date,
  element: 'TMIN',
  value: -1.5,
  threshold: 0,
  email: 'a@example.org',
});

/** Makes the API; its alerts went through the processor that keeps them. */
export const weatherApi = async (said: readonly Alert[]): Promise<WeatherApi> => {
  const driver = testDriver(topology('alerts', [alertLog]));
  await driver.stream(alerts).pipe(...said);
  const log = memoryTable(await driver.table(alertLogTable));
  const rules = memoryTable();
  const sealed = cursors(() => Promise.resolve(Buffer.alloc(32, 3)));
  const stations = memoryTable(STATIONS.map((station) => [station.id, station]));
  return { handler: api([alertRoute({ log, stations, cursors: sealed }), ...ruleRoutes(rules, sealed)]), rules, log };
};
