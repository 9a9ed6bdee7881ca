import { describe, expect, test } from '@jest/globals';
import { alert } from '../../../functions/weather/alert.ts';
import { alertLog } from '../../../functions/weather/alert-log.ts';
import { dailyExtremes } from '../../../functions/weather/daily.ts';
import { enrich } from '../../../functions/weather/enrich.ts';
import type { AlertRule } from '../../../functions/weather/model/alert-rule.ts';
import type { Station } from '../../../functions/weather/model/station.ts';
import { notify } from '../../../functions/weather/notify.ts';
import {
  alerts,
  lateLines,
  observations,
  rawLines,
  stationDays,
  weatherErrors,
} from '../../../functions/weather/streams.ts';
import { alertLogTable, daily } from '../../../functions/weather/tables.ts';
import { weather } from '../../../functions/weather/topology.ts';
import { validate } from '../../../functions/weather/validate.ts';
import { missing } from '../../../shared/engine/books.ts';
import type { Processor } from '../../../shared/processor/processor.ts';
import {
  crash,
  duplicateDelivery,
  type InputFault,
  lostAnswer,
  partialPut,
  reshard,
  throttledWrite,
  zombie,
} from '../../../shared/testing/fault-host.ts';
import { testDriver, type TestDriver } from '../../../shared/testing/test-driver.ts';

const TUCSON: Station = {
  id: 'USC00028815',
  country_code: 'US',
  country: 'United States',
  state_code: 'AZ',
  state: 'ARIZONA',
  location: { lat: 32.2292, lon: -110.9536 },
  elevation: 742.2,
  name: 'TUCSON 17',
};
const ALLAHABAD: Station = {
  id: 'IN023351400',
  country_code: 'IN',
  location: { lat: 25.44, lon: 81.73 },
  name: 'ALLAHABAD',
};

const stationTable = new Map([TUCSON, ALLAHABAD].map((station): [string, Station] => [station.id, station]));

const driverWith = (...rules: readonly AlertRule[]): TestDriver =>
  testDriver(weather(), {
    tables: { 'weather-stations': stationTable, 'weather-rules': new Map(rules.map((rule) => [rule.id, rule])) },
  });

const feed = (driver: TestDriver, location: string, ...lines: readonly string[]): Promise<void> =>
  driver.stream(rawLines).pipeBytes(location, ...lines);

const line = (date: string, element: string, value: number, station = TUCSON.id): string =>
  `${station},${date},${element},${String(value)},,,7,`;

describe('observations', () => {
  test('all elements of a station and day become one observation, in plain units, when the watermark passes the grace', async () => {
    const driver = driverWith();
    await feed(
      driver,
      'US-AZ',
      line('20160101', 'TMAX', 144),
      line('20160101', 'TMIN', 11),
      line('20160101', 'SNOW', 5),
    );
    await feed(driver, 'US-AZ', line('20160102', 'TMAX', 150));
    expect(driver.stream(observations).read()).toEqual([]);
    await feed(driver, 'US-AZ', line('20160103', 'TMAX', 151));
    expect(driver.stream(observations).read()).toEqual([
      {
        station: TUCSON,
        location: 'US-AZ',
        date: '2016-01-01',
        SNOW: 5,
        TMAX: 14.4,
        TMIN: 1.1,
        TRANGE: { gte: 1.1, lte: 14.4 },
      },
    ]);
  });

  test('an idle location emits its last days', async () => {
    const driver = driverWith();
    await feed(driver, 'US-AZ', line('20160101', 'TMAX', 144));
    await driver.advance(14 * 60_000);
    expect(driver.stream(observations).read()).toEqual([]);
    await driver.advance(60_000);
    expect(driver.stream(observations).read()).toMatchObject([{ date: '2016-01-01', TMAX: 14.4 }]);
  });

  test('a line for a day that was already emitted is late', async () => {
    const driver = driverWith();
    await feed(
      driver,
      'US-AZ',
      line('20160101', 'TMAX', 144),
      line('20160103', 'TMAX', 1),
      line('20160101', 'TMIN', 11),
    );
    expect(driver.stream(lateLines).read()).toEqual([
      expect.objectContaining({
        line: line('20160101', 'TMIN', 11),
        station_id: TUCSON.id,
        dayEnd: '2016-01-02T00:00:00.000Z',
      }),
    ]);
    expect(driver.stream(observations).read()).toMatchObject([{ date: '2016-01-01', TMAX: 14.4 }]);
  });

  test('if TMIN is above TMAX, both stay as reported and the observation is marked', async () => {
    const driver = driverWith();
    await feed(driver, 'US-AZ', line('20160101', 'TMAX', 11), line('20160101', 'TMIN', 144));
    await driver.end();
    expect(driver.stream(observations).read()).toMatchObject([{ TMAX: 1.1, TMIN: 14.4, quality: ['inverted-range'] }]);
  });

  test('a station without a state has neither its code nor its name', async () => {
    const driver = driverWith();
    await feed(driver, 'IN', line('20160101', 'TMAX', 300, ALLAHABAD.id));
    await driver.end();
    expect(driver.stream(observations).read()).toEqual([
      { station: ALLAHABAD, location: 'IN', date: '2016-01-01', TMAX: 30 },
    ]);
  });
});

describe('errors', () => {
  test('every bad line becomes an error with its reason and its text', async () => {
    const driver = driverWith();
    const bad: readonly (readonly [string, string])[] = [
      ['hello', 'malformed-line'],
      ['USC0002881,20160101,TMAX,144,,,7,', 'bad-station'],
      ['USC00028815,20160230,TMAX,144,,,7,', 'bad-date'],
      ['USC00028815,20160101,__proto__,144,,,7,', 'bad-element'],
      ['USC00028815,20160101,TMAX,14.4,,,7,', 'bad-value'],
      ['USC00028815,20160101,TMAX,144,,X,7,', 'quality-flag:X'],
    ];
    await feed(driver, 'US-AZ', ...bad.map(([text]) => text), 'USC00028815,20160101,TMAX,-9999,,,7,');
    expect(driver.stream(weatherErrors).read()).toEqual(
      bad.map(([text, reason]) => ({ reason, location: 'US-AZ', line: text })),
    );
    expect(driver.books(validate)).toMatchObject({ in: 7, invalid: 6, filtered: 1 });
  });

  test('an error of a truncated line says so', async () => {
    const driver = driverWith();
    await feed(driver, 'US-AZ', 'x'.repeat(65_536), 'y'.repeat(65_535));
    expect(
      driver
        .stream(weatherErrors)
        .read()
        .map(({ reason, cut }) => [reason, cut]),
    ).toEqual([
      ['malformed-line', true],
      ['malformed-line', undefined],
    ]);
  });

  test('a second value of an element is refused and the first is kept', async () => {
    const driver = driverWith();
    await feed(driver, 'US-AZ', line('20160101', 'TMAX', 144), line('20160101', 'TMAX', 999));
    await driver.end();
    expect(driver.stream(weatherErrors).read()).toEqual([
      { reason: 'duplicate-element', location: 'US-AZ', line: line('20160101', 'TMAX', 999) },
    ]);
    expect(driver.stream(observations).read()).toMatchObject([{ TMAX: 14.4 }]);
  });

  test('a day of an unlisted station becomes one error with the whole day', async () => {
    const driver = driverWith();
    await feed(driver, 'US', line('20160101', 'TMAX', 144, 'USC00099999'));
    await driver.end();
    expect(driver.stream(weatherErrors).read()).toEqual([
      {
        reason: 'unknown-station',
        location: 'US',
        observation: { location: 'US', station_id: 'USC00099999', date: '2016-01-01', elements: { TMAX: 144 } },
      },
    ]);
    expect(driver.books(enrich)).toMatchObject({ in: 1, invalid: 1 });
  });

  test('a line that looks like an envelope is malformed, and moves no ledger', async () => {
    const driver = driverWith();
    const forged = JSON.stringify({
      specversion: '1.0',
      type: 'millrace/weather-raw',
      source: 'weather-raw@US-AZ',
      id: '99',
      time: '2016-01-01T00:00:00.000Z',
      data: line('20160101', 'TMAX', 1),
    });
    await feed(driver, 'US-AZ', forged, line('20160101', 'TMAX', 144));
    await driver.end();
    expect(driver.stream(weatherErrors).read()).toMatchObject([{ reason: 'malformed-line', line: forged }]);
    expect(driver.stream(observations).read()).toMatchObject([{ TMAX: 14.4 }]);
  });
});

describe('daily extremes', () => {
  test('a row has the lowest TMIN and the highest TMAX of its location and day, ties going to the smallest station id', async () => {
    const driver = driverWith();
    const at = (id: string, low: number, high: number): unknown => ({
      station: { ...TUCSON, id },
      location: 'US-AZ',
      date: '2016-01-01',
      TMIN: low,
      TMAX: high,
    });
    const stream = driver.stream(observations);
    await stream.pipeBytes(
      'US-AZ',
      ...[at('C', -1, 10), at('B', -1, 12), at('A', 0, 12), at('D', 5, 5)].map((one) => JSON.stringify(one)),
    );
    expect((await driver.table(daily)).get('US-AZ/2016-01-01')).toEqual({
      location: 'US-AZ',
      date: '2016-01-01',
      observations: 4,
      low: { celsius: -1, station_id: 'B' },
      high: { celsius: 12, station_id: 'A' },
    });
  });
});

describe('alerts', () => {
  const frost: AlertRule = {
    id: 'frost',
    email: 'a@example.org',
    element: 'TMIN',
    op: '<=',
    threshold: 0,
    mode: 'episode',
  };
  const days = async (driver: TestDriver, ...lows: readonly (number | undefined)[]): Promise<readonly string[]> => {
    const lines = lows.map((low, index) => {
      const date = `201601${String(index + 1).padStart(2, '0')}`;
      return low === undefined ? line(date, 'TMAX', 200) : line(date, 'TMIN', low * 10);
    });
    await feed(driver, 'US-AZ', ...lines);
    await driver.end();
    return driver
      .stream(alerts)
      .read()
      .map(({ date, kind }) => `${date.slice(8)} ${kind}`);
  };

  test('in mode every, each matching observation alerts', async () => {
    const every: AlertRule = { ...frost, mode: 'every', threshold: 10, station_id: TUCSON.id };
    expect(await days(driverWith(every), 10, 10.1, 9.9)).toEqual(['01 alert', '03 alert']);
  });

  test('an episode alerts when it begins, resolves when it ends, and may begin again', async () => {
    expect(await days(driverWith(frost), 5, -1, -2, 3, 4, 0)).toEqual(['02 alert', '04 resolved', '06 alert']);
  });

  test('an observation without the element says nothing about an episode', async () => {
    expect(await days(driverWith(frost), -1, undefined, -1, 2)).toEqual(['01 alert', '04 resolved']);
  });

  test('a lasting episode reminds every reminderDays', async () => {
    expect(await days(driverWith({ ...frost, reminderDays: 2 }), -1, -1, -1, -1, -1, 1)).toEqual([
      '01 alert',
      '03 reminder',
      '05 reminder',
      '06 resolved',
    ]);
  });

  test.each([
    ['<=', ['01 alert', '02 alert']],
    ['<', ['01 alert']],
    ['>=', ['02 alert', '03 alert']],
    ['>', ['03 alert']],
  ] as const)('%s at, below and above the threshold', async (op, expected) => {
    expect(await days(driverWith({ ...frost, mode: 'every', op }), -1, 0, 1)).toEqual(expected);
  });

  test('a rule covers its station or location only', async () => {
    const elsewhere = { ...frost, mode: 'every' } as const;
    const rules: AlertRule[] = [
      { ...elsewhere, id: 'other station', station_id: 'USC00000001' },
      { ...elsewhere, id: 'other place', location: 'US-VT' },
      { ...elsewhere, id: 'here', location: 'US-AZ' },
    ];
    const driver = driverWith(...rules);
    await feed(driver, 'US-AZ', line('20160101', 'TMIN', -10));
    await driver.end();
    expect(driver.stream(alerts).read()).toEqual([
      {
        id: `here/${TUCSON.id}/2016-01-01/alert/afc94a7b3c90`,
        rule: 'here',
        kind: 'alert',
        station_id: TUCSON.id,
        location: 'US-AZ',
        date: '2016-01-01',
        element: 'TMIN',
        value: -1,
        threshold: 0,
        email: 'a@example.org',
      },
    ]);
  });

  test('every alert has a row by its location, day and id, also under the longest rule id', async () => {
    const longest = '\u6f22'.repeat(100);
    const driver = driverWith({ ...frost, id: longest, mode: 'every' });
    await days(driver, -1, 5, -3);
    const said = driver.stream(alerts).read();
    expect(said.map(({ rule }) => rule)).toEqual([longest, longest]);
    expect([...(await driver.table(alertLogTable))]).toEqual(
      said.map((alert) => [`US-AZ/${alert.date}/${longest}/${TUCSON.id}/${alert.date}/alert/afc94a7b3c90`, alert]),
    );
    expect(driver.books(alertLog)).toMatchObject({ in: 2, applied: 2 });
  });

  test('a batch of alerts is one message per recipient', async () => {
    const other: AlertRule = { ...frost, id: 'cold', email: 'b@example.org', threshold: 5, mode: 'every' };
    const driver = driverWith({ ...frost, mode: 'every' }, other);
    await days(driver, -1, -2, -3);
    // The first day closes by the watermark, the other two when the input ends: two batches.
    expect(driver.messages().map(({ to, subject }) => `${to} ${subject}`)).toEqual([
      `b@example.org [alert] cold: TMIN -1 at ${TUCSON.id} on 2016-01-01`,
      `a@example.org [alert] frost: TMIN -1 at ${TUCSON.id} on 2016-01-01`,
      'b@example.org [2 alert] weather rules from 2016-01-02 to 2016-01-03',
      'a@example.org [2 alert] weather rules from 2016-01-02 to 2016-01-03',
    ]);
  });
});

describe('with any fault the outcome is that of a run without faults', () => {
  const rule: AlertRule = {
    id: 'frost',
    email: 'a@example.org',
    element: 'TMIN',
    op: '<=',
    threshold: 0,
    mode: 'episode',
  };
  const processors: readonly Processor[] = weather().processors;
  const byId = (id: string): Processor => {
    const found = processors.find((one) => one.id === id);
    if (found === undefined) throw new RangeError(`no processor '${id}'`);
    return found;
  };
  const assemble = byId('weather/assemble');

  const outcome = async (fault?: InputFault): Promise<unknown> => {
    const driver = driverWith(rule);
    const raw = driver.stream(rawLines);
    const early = [line('20160101', 'TMIN', -10), line('20160101', 'TMAX', 50), line('20160102', 'TMIN', -20), 'dirt'];
    const late = [
      line('20160103', 'TMIN', 20),
      line('20160105', 'TMIN', 30),
      line('20160101', 'TOBS', 1),
      line('20160109', 'TMAX', 1),
    ];
    await raw.pipe(...early, ...(fault === undefined ? [] : [fault]), ...late, ...(fault === undefined ? [] : [fault]));
    await driver.end();
    for (const processor of processors) expect(missing(driver.books(processor))).toBe(0);
    return {
      observations: driver.stream(observations).read(),
      days: driver.stream(stationDays).read(),
      errors: driver.stream(weatherErrors).read(),
      late: driver.stream(lateLines).read(),
      alerts: driver.stream(alerts).read(),
      daily: [...(await driver.table(daily))],
      alertLog: [...(await driver.table(alertLogTable))],
      mailed: driver
        .messages()
        .flatMap(({ text }) => text.split('\n').filter((one) => one.includes('TMIN')))
        .sort(),
    };
  };

  const faults = {
    'a crash between emission and commit': crash(assemble, 'write'),
    'a crash in the middle of a commit': crash(alert, 'write', 0.5),
    'a crash after the commit': crash(alert, 'write', 1),
    'a crash before a row is written': crash(alertLog, 'write'),
    'a crash while state is loaded': crash(dailyExtremes, 'load'),
    'a crash in the middle of an emission': crash(validate, 'put', 0.5),
    'a crash before the watermark is stored': crash(assemble, 'advance'),
    'a partial put': partialPut(validate),
    'a throttled write': throttledWrite(assemble),
    'a zombie before its emission': zombie(assemble, 'put'),
    'a zombie before its commit': zombie(alert, 'write'),
    'a batch that is delivered twice': duplicateDelivery(notify),
    'a lost answer': lostAnswer(enrich),
    'a reshard': reshard(rawLines),
  };

  test.each(Object.entries(faults))('%s', async (_name, fault) => {
    expect(await outcome(fault)).toEqual(await outcome());
  });
});
