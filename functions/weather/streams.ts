import { createHash } from 'node:crypto';
import { json } from '../../shared/codec/json.ts';
import { text } from '../../shared/codec/text.ts';
import { stream, type Stream } from '../../shared/stream/stream.ts';
import type { AlertRule } from './model/alert-rule.ts';
import { dayOfLine } from './model/good-line.ts';
import type { InvalidReason } from './model/invalid-reason.ts';
import type { Station } from './model/station.ts';

/** All elements of one station and day, in NOAA's raw units. */
export interface StationDay {
  readonly location: string;
  readonly station_id: string;
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly elements: Readonly<Record<string, number>>;
}

/** One station, one day, in plain units: the purpose of the pipeline. Beside these fields it has its measurements. */
export interface Observation {
  readonly station: Station;
  readonly location: string;
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly [element: string]: unknown;
}

/** What was refused, and why. */
export interface WeatherError {
  readonly reason: InvalidReason;
  readonly location: string;
  /** The original text; absent if a whole observation was refused. */
  readonly line?: string;
  /** `line` is only the beginning of a longer one. */
  readonly cut?: true;
  readonly observation?: StationDay;
}

/** A good line that arrived after its day was closed. */
export interface LateLine {
  readonly line: string;
  readonly location: string;
  readonly station_id: string;
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** Exclusive end of the day it belongs to; ISO 8601. */
  readonly dayEnd: string;
}

/** What a rule says about a station. */
export interface Alert {
  /** See {@link alertIdOf}. */
  readonly id: string;
  readonly rule: string;
  /**
   * `alert` when the condition holds (of an episode: when it begins), `reminder` while an episode lasts, `resolved` when its condition no
   * longer holds, `withdrawn` when its rule was changed or deleted, so that nothing watches it any more.
   */
  readonly kind: 'alert' | 'reminder' | 'resolved' | 'withdrawn';
  readonly station_id: string;
  readonly location: string;
  /** `YYYY-MM-DD` of the observation that caused it. */
  readonly date: string;
  readonly element: AlertRule['element'];
  /** What was observed, in plain units; of a withdrawn alert whose element was not observed that day, the value last reported. */
  readonly value: number;
  /** The rule's; of an episode, as it was when the episode began. */
  readonly threshold: number;
  /** The recipient; of an episode, the one it began with. */
  readonly email: string;
}

const FINGERPRINT_CHARS = 12;

/**
 * Identifies an alert by its content: rule, station, date, kind, and a fingerprint of recipient and condition. The same statement to
 * the same person has one id however often it is attempted; a rule edited between two attempts makes another statement, with
 * another id.
 *
 * @example
 * ```ts
 * alertIdOf({ rule: 'frost', kind: 'alert', station_id: 'USC00028815', date: '2016-01-02', element: 'TMIN', threshold: 0, email: 'a@example.org' }); // 'frost/USC00028815/2016-01-02/alert/afc94a7b3c90'
 * ```
 */
export const alertIdOf = ({
  rule,
  station_id,
  date,
  kind,
  element,
  threshold,
  email,
}: Omit<Alert, 'id' | 'value' | 'location'>): string => {
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([email, element, threshold]))
    .digest('hex');
  return `${rule}/${station_id}/${date}/${kind}/${fingerprint.slice(0, FINGERPRINT_CHARS)}`;
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isStationDay = (value: unknown): value is StationDay =>
  isObject(value) && 'elements' in value && 'station_id' in value;
const isObservation = (value: unknown): value is Observation =>
  isObject(value) && 'station' in value && 'date' in value;
const isWeatherError = (value: unknown): value is WeatherError => isObject(value) && 'reason' in value;
const isLateLine = (value: unknown): value is LateLine => isObject(value) && 'line' in value && 'dayEnd' in value;

/** Whether data of ours is an {@link Alert}. */
export const isAlert = (value: unknown): value is Alert => isObject(value) && 'rule' in value && 'kind' in value;

const countryOf = (line: string): string => line.slice(0, 2) || 'unknown';

const byLocation = ({ location }: { readonly location: string }): string => location;
const dayOf = ({ date }: { readonly date: string }): number => Date.parse(date);

/**
 * Raw lines as they arrive. Producers know the station list and partition by location; a line put without a location is partitioned by
 * its country.
 */
export const rawLines: Stream<string> = stream('weather-raw', {
  codec: text(),
  partitionKey: countryOf,
});

/**
 * Good lines, unchanged: each is known to parse, so readers only cut out what they need. Event time is the start of the day, UTC.
 */
export const validatedLines: Stream<string> = stream('weather-validated', {
  codec: text(),
  partitionKey: (line, location) => location ?? countryOf(line),
  eventTimeMs: dayOfLine,
});

/** Station days, not yet enriched. */
export const stationDays: Stream<StationDay> = stream('weather-assembled', {
  codec: json('station day', isStationDay),
  partitionKey: byLocation,
  eventTimeMs: dayOf,
});

/** The result: one observation per station and day. */
export const observations: Stream<Observation> = stream('weather-observations', {
  codec: json('observation', isObservation),
  partitionKey: byLocation,
  eventTimeMs: dayOf,
});

/** What was refused, with the reason. */
export const weatherErrors: Stream<WeatherError> = stream('weather-errors', {
  codec: json('weather error', isWeatherError),
  partitionKey: byLocation,
});

/** Lines that arrived after their day was closed. */
export const lateLines: Stream<LateLine> = stream('weather-late', {
  codec: json('late line', isLateLine),
  partitionKey: byLocation,
});

/** What rules say; {@link alertIdOf} identifies each, also where the rules are edited between two attempts at one batch. */
export const alerts: Stream<Alert> = stream('weather-alerts', {
  codec: json('alert', isAlert),
  partitionKey: byLocation,
  eventTimeMs: dayOf,
  idOf: ({ id }) => id,
});
