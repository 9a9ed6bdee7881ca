import * as z from 'zod/mini';
import { ApiError } from '../../../../shared/runtime/lambda/api/api-response.ts';
import type { ApiRoute } from '../../../../shared/runtime/lambda/api/api.ts';
import type { Cursors } from '../../../../shared/runtime/lambda/api/cursor.ts';
import { pageAnswer } from '../../../../shared/runtime/lambda/api/page.ts';
import {
  cursorParameter,
  limitParameter,
  readParameters,
  textParameter,
} from '../../../../shared/runtime/lambda/api/parameters.ts';
import { isRowKey } from '../../../../shared/state/dynamodb/row-keys.ts';
import type { ServedRow, ServingTable } from '../../../../shared/state/dynamodb/serving-table.ts';
import { dayStartMsAt } from '../../model/calendar-day.ts';
import { stationLocation } from '../../model/location.ts';
import { isStationId } from '../../model/station-id.ts';
import { alertLogTable, stations as stationTable } from '../../tables.ts';

/** What the route reads. */
export interface AlertSources {
  readonly log: Pick<ServingTable, 'page'>;
  readonly stations: Pick<ServingTable, 'row'>;
  readonly cursors: Cursors;
}

const LOCATION = /^[^/\p{C}]{1,256}$/u;
/** Checks bytes too: a longer location leaves no room for the rest of an alert's key. */
const isLocation = (text: string): boolean => LOCATION.test(text) && isRowKey(`${text}/0000-00-00`);

const DATE = /^\d{4}-\d{2}-\d{2}$/;

const date = textParameter(
  (text) => DATE.test(text) && dayStartMsAt(text.replaceAll('-', '')) !== undefined,
  'a date such as 2016-01-31',
);

const QUERY = z.object({
  location: z.optional(textParameter(isLocation, "a location such as US-AZ, without '/'")),
  station: z.optional(textParameter(isStationId, 'an 11-character station ID such as USC00028815')),
  from: z.optional(date),
  to: z.optional(date),
  limit: limitParameter,
  cursor: z.optional(cursorParameter),
});

/**
 * Finds alerts: `GET /alerts?location=&station=&from=&to=&limit=&cursor=`, in the order of their days, from `from` and before
 * `to`. One of `location` and `station` is needed; a station without a location is looked for where the station list has it.
 */
export const alertRoute = ({ log, stations, cursors }: AlertSources): ApiRoute => ({
  method: 'GET',
  path: '/alerts',
  handle: async ({ query, hasTime }) => {
    const { station, from, to, limit, cursor, ...given } = readParameters(query, QUERY);
    if (from !== undefined && to !== undefined && from >= to) {
      throw new ApiError('bad-parameter', `to is the first day that is left out: it must be later than ${from}`, {
        parameter: 'to',
      });
    }
    const location = given.location ?? (await locationOf(station, stations));
    return pageAnswer(
      { table: log, cursors, hasTime, ...(station !== undefined && { matches: isOf(station) }) },
      ['alerts', location, station, from, to],
      cursor,
      {
        from: `${location}/${from ?? ''}`,
        to: to === undefined ? `${location}${AFTER_SLASH}` : `${location}/${to}`,
        limit,
      },
    );
  },
});

/** The character after `/`: keys from a location and `/` to a location and this one are those of the location. */
const AFTER_SLASH = '0';

const locationOf = async (id: string | undefined, stations: AlertSources['stations']): Promise<string> => {
  if (id === undefined) {
    throw new ApiError('bad-parameter', 'location or station is missing: give one of them, or both', {
      parameter: 'location',
    });
  }
  const row = await stations.row(id);
  if (row === undefined) {
    throw new ApiError(
      'no-such-station',
      `the station list has no ${id}: give its location too, or load the list anew`,
    );
  }
  const station = stationTable.codec.fromData(row);
  if (station.kind === 'malformed') throw new TypeError(`the row of station ${id} is ${station.reason}: load it again`);
  return stationLocation(station.value);
};

const isOf =
  (station: string) =>
  ({ value }: ServedRow): boolean => {
    const alert = alertLogTable.codec.fromData(value);
    return alert.kind !== 'malformed' && alert.value.station_id === station;
  };
