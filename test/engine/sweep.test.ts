import { describe, expect, test } from '@jest/globals';
import { engine } from '../../shared/engine/engine.ts';
import { processor, type Processor } from '../../shared/processor/processor.ts';
import { tumbling } from '../../shared/processor/windows/tumbling.ts';
import { windowed } from '../../shared/processor/windows/windowed.ts';
import {
  ARRIVAL_MS,
  batch,
  bench,
  delivered,
  emitted,
  item,
  itemStream,
  stored,
  valuesOf,
  type Bench,
} from '../support/engine-bench.ts';

const input = itemStream('in');
const out = itemStream('out');
const MINUTE_MS = 60_000;
const NOW_S = ARRIVAL_MS / 1000;

const perMinute = (graceMs = 30_000): Processor =>
  windowed({
    id: 'test/per-minute',
    from: input,
    to: { out },
    key: ({ key }) => key,
    window: tumbling({ sizeMs: MINUTE_MS, graceMs }),
    idleAfterMs: 10 * MINUTE_MS,
    initial: () => 0,
    add: (sum, { n }) => sum + n,
    emit: 'final',
    result: (n, { key, partitionKey, startMs }) => ({ out: [{ lane: partitionKey, key, n, at: startMs }] }),
  });

const watermarkOf = async (made: Bench, id: string): Promise<number | undefined> =>
  (await made.store.progress(id, ['A']))[0]?.watermarkMs;

const minutes = (made: Bench): readonly unknown[] =>
  valuesOf(made, 'out').map((value) => (Number(Reflect.get(Object(value), 'at')) - ARRIVAL_MS) / MINUTE_MS);

describe('windows of an idle partition', () => {
  test('close in order, also where a sweep moved event time and could not emit, and a record of the later one comes first', async () => {
    const made = bench();
    await engine(perMinute(), made.ports).process(batch(item('A', 'x', 1, NOW_S), item('A', 'x', 2, NOW_S + 60)));
    made.clockMs = ARRIVAL_MS + 20 * MINUTE_MS;
    made.outputs.refuses = () => true;
    await engine(perMinute(), made.ports).sweep('idle');
    expect(minutes(made)).toEqual([]);
    made.outputs.refuses = () => false;
    // It is late, and names the second window only.
    await engine(perMinute(), made.ports).process([delivered(9, item('A', 'x', 4, NOW_S + 90))]);
    made.clockMs += 20 * MINUTE_MS;
    await engine(perMinute(), made.ports).sweep('idle');
    expect(minutes(made)).toEqual([0, 1]);
  });

  test('close exactly when their end plus grace has passed on the clock; later ones wait for it', async () => {
    const made = bench();
    await engine(perMinute(), made.ports).process(
      batch(
        item('A', 'x', 1, NOW_S - 1200),
        item('A', 'x', 2, NOW_S - 1170),
        item('A', 'x', 4, NOW_S),
        item('A', 'y', 8, NOW_S + 600),
      ),
    );
    // y comes from ten minutes ahead, so it does not move event time; the first window has closed by that of the third record.
    expect(minutes(made)).toEqual([-20]);
    made.clockMs = ARRIVAL_MS + 10 * MINUTE_MS;
    const sweeper = engine(perMinute(), made.ports);
    await sweeper.sweep('idle');
    expect(minutes(made)).toEqual([-20, 0]);
    made.clockMs = ARRIVAL_MS + 11 * MINUTE_MS + 29_999;
    await sweeper.sweep('idle');
    expect(minutes(made)).toEqual([-20, 0]);
    made.clockMs += 1;
    await sweeper.sweep('idle');
    expect(minutes(made)).toEqual([-20, 0, 10]);
  });

  test('close so that event time never comes to be ahead of the clock', async () => {
    const made = bench();
    await engine(perMinute(), made.ports).process(batch(item('A', 'x', 1, NOW_S), item('A', 'y', 8, NOW_S + 50)));
    for (let minute = 0; minute < 30; minute += 1) {
      made.clockMs += MINUTE_MS;
      await engine(perMinute(), made.ports).sweep('idle');
      expect(await watermarkOf(made, 'test/per-minute')).toBeLessThanOrEqual(made.clockMs);
    }
    // What arrives now is on time, as long as it happened now.
    const { books } = await engine(perMinute(), made.ports).process([
      delivered(3, item('A', 'z', 1, made.clockMs / 1000), { arrivalMs: made.clockMs }),
    ]);
    expect(books).toMatchObject({ applied: 1, late: 0 });
  });

  test('of a partition that only reports now and then stay open for what comes in time', async () => {
    // One record every 20 minutes, each at most 10 s old, and idle after 10.
    const made = bench();
    let late = 0;
    for (let at = 0; at < 10; at += 1) {
      made.clockMs += 20 * MINUTE_MS;
      await engine(perMinute(), made.ports).sweep('idle');
      const { books } = await engine(perMinute(), made.ports).process([
        delivered(at + 1, item('A', 'x', 1, made.clockMs / 1000 - 10), { arrivalMs: made.clockMs }),
      ]);
      late += books.late;
    }
    expect(late).toBe(0);
  });

  test('all close at the end of input, in order, and none closes twice', async () => {
    const made = bench();
    await engine(perMinute(), made.ports).process(
      batch(item('A', 'y', 1, NOW_S + 30), item('A', 'x', 2, NOW_S), item('A', 'x', 4, NOW_S + 7200)),
    );
    expect(await engine(perMinute(), made.ports).sweep('all')).toBe(3);
    expect(minutes(made)).toEqual([0, 0, 120]);
    expect(await engine(perMinute(), made.ports).sweep('all')).toBe(0);
  });

  test('are left alone where a batch came between asking which are idle and looking again', async () => {
    const made = bench();
    await engine(perMinute(), made.ports).process(batch(item('A', 'x', 1, NOW_S - 500)));
    made.clockMs += 10 * MINUTE_MS;
    const { state } = made.ports;
    const ports = {
      ...made.ports,
      state: {
        ...state,
        idle: async (collection: string, activeAtMs: number) => {
          const idle = await state.idle(collection, activeAtMs);
          await engine(perMinute(), made.ports).process([delivered(2, item('A', 'x', 2, NOW_S - 499))]);
          return idle;
        },
      },
    };
    expect(await engine(perMinute(), ports).sweep('idle')).toBe(0);
    await engine(perMinute(), made.ports).process([delivered(3, item('A', 'x', 4, NOW_S))]);
    expect(valuesOf(made, 'out')).toMatchObject([{ n: 3 }]);
  });

  test('are stored as closed, every one of them', async () => {
    const made = bench();
    await engine(perMinute(), made.ports).process(
      batch(item('A', 'x', 1, 1), item('A', 'y', 2, 2), item('A', 'z', 4, 3)),
    );
    made.clockMs += 10 * MINUTE_MS;
    await engine(perMinute(), made.ports).sweep('idle');
    expect(await stored(made.store, 'test/per-minute')).toEqual({
      'x@0/60000': null,
      'y@0/60000': null,
      'z@0/60000': null,
    });
  });

  test('are emitted again, with the origin they had, where they could not be stored', async () => {
    const made = bench();
    await engine(perMinute(), made.ports).process(batch(item('A', 'x', 1, 1)));
    made.clockMs += 10 * MINUTE_MS;
    made.intercept = () => 'throttled';
    await engine(perMinute(), made.ports).sweep('idle');
    made.intercept = () => undefined;
    await engine(perMinute(), made.ports).sweep('idle');
    await engine(perMinute(), made.ports).sweep('idle');
    const origins = emitted(made.outputs, 'out').map(({ origin }) => origin);
    expect(origins).toHaveLength(2);
    expect(new Set(origins).size).toBe(1);
  });

  test('do not set event time back where only the earlier one could not be stored, and is closed again', async () => {
    const made = bench();
    await engine(perMinute(), made.ports).process(batch(item('A', 'x', 1, NOW_S), item('A', 'y', 1, NOW_S + 60)));
    made.clockMs += 20 * MINUTE_MS;
    made.intercept = (key) => (key.startsWith('x@') ? 'throttled' : undefined);
    await engine(perMinute(), made.ports).sweep('idle');
    made.intercept = () => undefined;
    expect(await engine(perMinute(), made.ports).sweep('idle')).toBe(1);
    expect(minutes(made)).toEqual([0, 1, 0]);
    expect(await watermarkOf(made, 'test/per-minute')).toBe(ARRIVAL_MS + 2 * MINUTE_MS + 30_000);
  });
});

describe('time-outs that follow the clock', () => {
  /** Reports a key that has been silent for as many minutes as its record says. */
  const silence = (graceMs = 0): Processor =>
    processor({
      id: 'test/silence',
      from: input,
      to: { out },
      key: ({ key }) => key,
      initial: () => 0,
      timers: { graceMs, idleAfterMs: 15 * MINUTE_MS, whenIdle: 'follow-clock' },
      step: ({ value }) => ({ state: value.n, timerMs: value.at + value.n * MINUTE_MS }),
      onTimer: ({ state, key, partitionKey, timerMs }) => ({
        emit: { out: [{ lane: partitionKey, key, n: state, at: timerMs }] },
      }),
    });

  /** Sweeps each minute; answers the minute at which each key was reported. */
  const reported = async (
    made: Bench,
    described: Processor,
    minutesLong: number,
  ): Promise<Readonly<Record<string, number>>> => {
    const at: Record<string, number> = {};
    for (let minute = 1; minute <= minutesLong; minute += 1) {
      made.clockMs = ARRIVAL_MS + minute * MINUTE_MS;
      await engine(described, made.ports).sweep('idle');
      for (const value of valuesOf(made, 'out')) at[String(Reflect.get(Object(value), 'key'))] ??= minute;
    }
    return at;
  };

  test('of a second key come in time, whenever that of the first has fired', async () => {
    const made = bench();
    // Due at minutes 5 and 20; the partition counts as idle from minute 15 on.
    await engine(silence(), made.ports).process(batch(item('A', 'x', 5, NOW_S), item('A', 'y', 20, NOW_S)));
    expect(await reported(made, silence(), 40)).toEqual({ x: 15, y: 20 });
  });

  test('wait for the grace as well', async () => {
    const made = bench();
    await engine(silence(8 * MINUTE_MS), made.ports).process(batch(item('A', 'x', 10, NOW_S)));
    expect(await reported(made, silence(8 * MINUTE_MS), 40)).toEqual({ x: 18 });
  });

  test('count quiet time once, however often it is looked at', async () => {
    const made = bench();
    await engine(silence(), made.ports).process(batch(item('A', 'x', 10, NOW_S), item('A', 'y', 50, NOW_S)));
    expect(await reported(made, silence(), 60)).toEqual({ x: 15, y: 50 });
  });

  test('of a key whose clock is days ahead come when the clock gets there, also where no other key has moved event time', async () => {
    const made = bench();
    await engine(silence(), made.ports).process(batch(item('A', 'x', 10, NOW_S + 2 * 86_400)));
    made.clockMs = ARRIVAL_MS + 2 * 86_400_000 + 10 * MINUTE_MS - 1;
    await engine(silence(), made.ports).sweep('idle');
    expect(valuesOf(made, 'out')).toEqual([]);
    made.clockMs += 30 * MINUTE_MS;
    await engine(silence(), made.ports).sweep('idle');
    expect(valuesOf(made, 'out')).toHaveLength(1);
  });

  test('of records from days ago count the quiet time only, not what the clock is ahead of them', async () => {
    const made = bench();
    const longAgoS = NOW_S - 3 * 86_400;
    await engine(silence(), made.ports).process(batch(item('A', 'x', 5, longAgoS), item('A', 'y', 20, longAgoS)));
    expect(await reported(made, silence(), 40)).toEqual({ x: 15, y: 20 });
  });

  test('have event time where the last one was due, and its grace, once the input has ended', async () => {
    const made = bench();
    const graceMs = 8 * MINUTE_MS;
    await engine(silence(graceMs), made.ports).process(batch(item('A', 'x', 5, NOW_S), item('A', 'y', 20, NOW_S)));
    await engine(silence(graceMs), made.ports).sweep('all');
    expect(await watermarkOf(made, 'test/silence')).toBe(ARRIVAL_MS + 28 * MINUTE_MS);
  });
});
