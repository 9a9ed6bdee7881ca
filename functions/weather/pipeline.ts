import { demo, pipeline } from '../../shared/pipeline/pipeline.ts';
import { wholeNumber } from '../../shared/pipeline/options.ts';
import { file, optionalFile, reference } from '../../shared/pipeline/reference.ts';
import type { Pipeline } from '../../shared/pipeline/description.ts';
import { alertView } from './alert-view.ts';
import { lineArrivalMs } from './arrival.ts';
import { LINE_FORMATS } from './formats/formats.ts';
import { weatherGenerator } from './generator/weather-generator.ts';
import { measuredVolumes } from './measured-volumes.ts';
import { parseAlertRules } from './model/alert-rule-list.ts';
import type { AlertRule } from './model/alert-rule.ts';
import { DAY_MS } from './model/calendar-day.ts';
import { lineLocator } from './model/location.ts';
import { unmatchableRule } from './model/rule-places.ts';
import { parseStationList } from './model/station-list.ts';
import { alertMail } from './notify.ts';
import { alerts, lateLines, observations, rawLines, weatherErrors } from './streams.ts';
import { alertLogTable, alertRules, daily, stations } from './tables.ts';
import { weather as weatherTopology } from './topology.ts';

const byId = (rules: readonly AlertRule[]): ReadonlyMap<string, AlertRule> =>
  new Map(rules.map((rule) => [rule.id, rule]));

/** NOAA's station list, from its three files. */
export const stationList = reference({
  table: stations,
  files: {
    stations: file("NOAA's ghcnd-stations.txt, plain or gzip"),
    countries: file("NOAA's ghcnd-countries.txt"),
    states: file("NOAA's ghcnd-states.txt"),
  },
  load: parseStationList,
});

/** Who is alerted of what. */
export const ruleList = reference({
  table: alertRules,
  files: { rules: optionalFile('alert rules as a JSON array or JSON lines (default: none, and no alerts)') },
  load: ({ rules }) => byId(rules === undefined ? [] : parseAlertRules(rules)),
});

const FIRST_DATE = '2023-01-01';

/** Generated weather of a few hundred stations, with rules that it triggers. */
const generatedWeather = demo({
  options: {
    days: wholeNumber({ min: 1, max: 36_525, default: 1095, help: 'days of generated weather' }),
    seed: wholeNumber({ min: 0, max: 4_294_967_295, default: 1, help: 'other weather for each seed' }),
  },
  tryNext: { args: '--seed 7 --speed max', what: 'other weather, flat out' },
  data: ({ days, seed }) => {
    const generator = weatherGenerator({ seed, days, startDate: FIRST_DATE.replaceAll('-', '') });
    return {
      title: `${String(generator.stations.length)} generated stations, ${String(days)} days, seed ${String(seed)}`,
      steps: days,
      recordsOf: (day) => generator.linesOfDay(day),
      placeOf: (day) => new Date(Date.parse(FIRST_DATE) + day * DAY_MS).toISOString().slice(0, 10),
      references: {
        stations: new Map(generator.stations.map((station) => [station.id, station])),
        rules: byId(generator.rules),
      },
    };
  },
});

/** The weather of NOAA: observations, daily extremes, and alerts by e-mail. */
export const weather: Pipeline = pipeline({
  topology: ({ graceDays }) => weatherTopology({ graceDays }),
  about: "NOAA's daily weather: observations, extremes, and alerts by e-mail",
  options: {
    graceDays: wholeNumber({ min: 0, max: 366, default: 1, help: 'days a day stays open after its end' }),
  },
  inputs: LINE_FORMATS,
  references: { stations: stationList, rules: ruleList },
  faultOfReferences: ({ stations, rules }) => unmatchableRule(rules.values(), stations),
  entry: {
    stream: rawLines,
    partitionKeyOf: (rows) => lineLocator(rows.stations),
    arrivalMs: lineArrivalMs,
  },
  demo: generatedWeather,
  live: alertView,
  highlights: [
    { what: 'observations', where: observations },
    { what: 'alerts', where: alerts },
    { what: 'e-mails', where: alertMail },
    { what: 'refused', where: weatherErrors },
    { what: 'late lines', where: lateLines },
    { what: 'daily extremes', where: daily },
  ],
  deployment: {
    settings: ({ graceDays }) => ({ 'weather/assemble': { WEATHER_GRACE_DAYS: String(graceDays) } }),
    api: {
      tables: [daily, alertLogTable],
      references: [alertRules, stations],
      edited: [alertRules],
      routes: [
        { method: 'GET', path: '/alerts' },
        ...(['/rules', '/rules/{proxy+}'] as const).flatMap((path) =>
          (['GET', 'PUT', 'DELETE'] as const).map((method) => ({ method, path })),
        ),
      ],
    },
    volumes: measuredVolumes,
    volumesMeasuredOn: 'the US lines of 2016',
    bundleBytes: {
      'alert-log': 564_000,
      alert: 566_000,
      api: 289_000,
      assemble: 567_000,
      daily: 565_000,
      enrich: 565_000,
      notify: 565_000,
      validate: 566_000,
    },
  },
});
