import { topology, type Topology } from '../../shared/processor/topology.ts';
import { alert } from './alert.ts';
import { alertLog } from './alert-log.ts';
import { assemble } from './assemble.ts';
import { dailyExtremes } from './daily.ts';
import { enrich } from './enrich.ts';
import { notify } from './notify.ts';
import { validate } from './validate.ts';

/** Options of the weather pipeline. */
export interface WeatherOptions {
  /** Days of event time that a day stays open after its end; 0 to 366. @default 1 */
  readonly graceDays?: number;
}

/** Raw NOAA lines to observations, daily extremes and alerts by e-mail. */
export const weather = ({ graceDays = 1 }: WeatherOptions = {}): Topology =>
  topology('weather', [validate, assemble({ graceDays }), enrich, alert, dailyExtremes, notify, alertLog]);
