import { describe, expect, test } from '@jest/globals';
import { json } from '../../shared/codec/json.ts';
import { processor, type Processor } from '../../shared/processor/processor.ts';
import { table } from '../../shared/processor/table.ts';
import { topology } from '../../shared/processor/topology.ts';
import { crash, zombie } from '../../shared/testing/fault-host.ts';
import { testDriver } from '../../shared/testing/test-driver.ts';
import { item, itemStream, type Item } from '../support/engine-bench.ts';

const input = itemStream('in');
const silences = itemStream('silences');

const MINUTE_MS = 60_000;

/** Reports a key that has been silent for ten minutes, every ten minutes until it speaks again, at most three times. */
const absent = (): Processor =>
  processor({
    id: 'test/absent',
    from: input,
    to: { silences },
    key: ({ key }) => key,
    initial: (): { readonly last: Item | undefined; readonly reports: number } => ({ last: undefined, reports: 0 }),
    timers: { graceMs: 0, idleAfterMs: MINUTE_MS, whenIdle: 'follow-clock' },
    step: ({ value }) => ({ state: { last: value, reports: 0 }, timerMs: value.at + 10 * MINUTE_MS }),
    onTimer: ({ state, key, partitionKey, timerMs }) => ({
      state: { ...state, reports: state.reports + 1 },
      emit: { silences: [{ lane: partitionKey, key, n: state.reports + 1, at: timerMs }] },
      ...(state.reports < 2 && { timerMs: timerMs + 10 * MINUTE_MS }),
    }),
  });

const started = Date.UTC(2030, 0, 1) / 1000;

describe('a timer', () => {
  test('fires when event time passes it, and not before', async () => {
    const driver = testDriver(topology('test', [absent()]));
    await driver.stream(input).pipe(item('A', 'x', 1, started), item('A', 'y', 1, started + 599));
    expect(driver.stream(silences).read()).toEqual([]);
    await driver.stream(input).pipe(item('A', 'y', 2, started + 600));
    expect(driver.stream(silences).read()).toEqual([item('A', 'x', 1, started + 600)]);
  });

  test('is set anew by each record of its key', async () => {
    const driver = testDriver(topology('test', [absent()]));
    const x = item('A', 'x', 1, started);
    await driver.stream(input).pipe(x, { ...x, at: x.at + 9 * MINUTE_MS }, item('A', 'y', 1, started + 18 * 60));
    expect(driver.stream(silences).read()).toEqual([]);
    expect(await driver.timers(absent())).toEqual(
      new Map([
        ['x', x.at + 19 * MINUTE_MS],
        ['y', x.at + 28 * MINUTE_MS],
      ]),
    );
  });

  test('follows the clock where no record comes any more, and can set itself again', async () => {
    const driver = testDriver(topology('test', [absent()]));
    await driver.stream(input).pipe(item('A', 'x', 1, started));
    const silence = driver.stream(silences);
    await driver.advance(9 * MINUTE_MS);
    expect(silence.read()).toEqual([]);
    await driver.advance(MINUTE_MS);
    expect(silence.read()).toEqual([item('A', 'x', 1, started + 600)]);
    await driver.advance(25 * MINUTE_MS);
    expect(silence.read().map(({ n, at }) => [n, at / 1000 - started])).toEqual([
      [2, 1200],
      [3, 1800],
    ]);
    await driver.advance(100 * MINUTE_MS);
    expect(silence.read()).toEqual([]);
  });

  test.each([crash(absent(), 'write'), crash(absent(), 'put', 1), zombie(absent(), 'write')])(
    'fires once, whatever dies while it does',
    async (fault) => {
      const driver = testDriver(topology('test', [absent()]));
      await driver.stream(input).pipe(item('A', 'x', 1, started), item('A', 'y', 1, started + 700), fault);
      expect(driver.stream(silences).read()).toEqual([item('A', 'x', 1, started + 600)]);
    },
  );

  test('that does not move forward is a dead letter and not a loop', async () => {
    const stuck = processor({
      id: 'test/stuck',
      from: input,
      to: {},
      key: ({ key }) => key,
      initial: () => 0,
      timers: { graceMs: 0, idleAfterMs: MINUTE_MS, whenIdle: 'fire-all' },
      step: ({ value }) => ({ timerMs: value.at }),
      onTimer: ({ timerMs }) => ({ timerMs }),
    });
    const driver = testDriver(topology('test', [stuck]));
    await driver.stream(input).pipe(item('A', 'x', 1, started));
    expect(driver.deadLetters().map(({ error }) => error)).toEqual([
      `timer of key 'x' must move forward: it fired at ${String(started * 1000)} and asked for ${String(started * 1000)}`,
    ]);
  });
});

describe('what cannot be described', () => {
  const options = {
    id: 'test/x',
    from: input,
    to: {},
    key: ({ key }: Item) => key,
    initial: () => 0,
    step: () => ({}),
  };
  const timers = { graceMs: 0, idleAfterMs: MINUTE_MS, whenIdle: 'fire-all' } as const;

  test('is timers without a step for them, or the other way round', () => {
    expect(() => processor({ ...options, timers })).toThrow(/only one of 'timers' and 'onTimer'/);
    expect(() => processor({ ...options, onTimer: () => ({}) })).toThrow(/only one of 'timers' and 'onTimer'/);
  });

  test('is a key with timers that several partition keys bring, because they have no common event time', () => {
    expect(() => processor({ ...options, timers, onTimer: () => ({}), fanIn: true })).toThrow(/fanIn.*timers/);
  });

  test.each([-1, 0.5, Number.NaN])('is a grace of %p', (graceMs) => {
    expect(() => processor({ ...options, timers: { ...timers, graceMs }, onTimer: () => ({}) })).toThrow(
      `graceMs of processor 'test/x' must be a whole number of milliseconds from 0, got ${String(graceMs)}`,
    );
  });

  test('is an id that cannot be a name everywhere', () => {
    expect(() => processor({ ...options, id: 'a;b' })).toThrow(/got 'a;b'/);
    expect(() => processor({ ...options, id: '/a' })).toThrow(/got '\/a'/);
  });

  test('is one stream under two output names, because records of both would get one origin', () => {
    expect(() => processor({ ...options, to: { one: silences, other: silences } })).toThrow(/names 'silences' twice/);
  });
});

test('a processor with timers that fills a table is refused, with what to do: rows have no timers', () => {
  const described = {
    id: 'meter/table',
    from: input,
    to: {},
    key: ({ key }: Item) => key,
    initial: () => 0,
    step: ({ value }: { readonly value: Item }) => ({ state: value.n, timerMs: value.at }),
    timers: { graceMs: 0, idleAfterMs: 900_000, whenIdle: 'follow-clock' as const },
    onTimer: () => ({}),
    as: table(
      'meters',
      json('meter', (value): value is number => typeof value === 'number'),
    ),
  };
  expect(() => processor(described)).toThrow(
    new TypeError(
      "processor 'meter/table' has timers and fills a table, and rows have no timers: leave 'as' out, and fill the table from a second processor",
    ),
  );
});
