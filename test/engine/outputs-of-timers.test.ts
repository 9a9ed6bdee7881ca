import { describe, expect, test } from '@jest/globals';
import { engine } from '../../shared/engine/engine.ts';
import { notification } from '../../shared/processor/notification.ts';
import { processor, type Processor, type TimerOptions } from '../../shared/processor/processor.ts';
import { peeker } from '../../shared/stream/envelope.ts';
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
  withStep,
  type Bench,
  type Item,
} from '../support/engine-bench.ts';

const input = itemStream('in');
const out = itemStream('out');
const others = itemStream('others');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW_S = ARRIVAL_MS / 1000;

const mail = notification<Item>('mail', {
  recipient: ({ key }) => `${key}@example.org`,
  digest: (to, values) => ({ id: to, to, subject: `${String(values.length)} silent`, text: '' }),
});

/** Says, to stream and person, that a key has been silent for a minute. */
const absence = (timers: Partial<TimerOptions> = {}): Processor =>
  processor({
    id: 'test/absence',
    from: input,
    to: { out, mail },
    key: ({ key }) => key,
    initial: (): number | undefined => undefined,
    timers: { graceMs: 0, idleAfterMs: 10 * MINUTE_MS, whenIdle: 'follow-clock', ...timers },
    step: ({ timeMs }) => ({ timerMs: timeMs + MINUTE_MS }),
    onTimer: ({ key, partitionKey, timerMs }) => {
      const said = { lane: partitionKey, key, n: 0, at: timerMs };
      return { emit: { out: [said], mail: [said] } };
    },
  });

const times = (made: Bench): readonly number[] =>
  valuesOf(made, 'out').map((value) => Number(Reflect.get(Object(value), 'at')) - ARRIVAL_MS);

describe('what a timer emits and nothing will ever take', () => {
  test.each(['stream', 'notification'])(
    'by a %s, is a dead letter with all there is, and the rest passes',
    async (kind) => {
      const made = bench();
      made.outputs.fails = (delivery) => (delivery.kind === kind ? 'it is forbidden' : undefined);
      const { held, books } = await engine(absence(), made.ports).process(
        batch(item('A', 'x', 1, NOW_S), item('A', 'y', 1, NOW_S + 60)),
      );
      expect([held, books.applied, books.deadLettered]).toEqual([[], 2, 0]);
      expect(made.outputs.letters).toHaveLength(1);
      const [letter] = made.outputs.letters;
      expect(letter).toMatchObject({
        processor: 'test/absence',
        stream: 'in',
        reason: 'step-failed',
        partitionKey: 'A',
        sequenceNumber: '',
        error: `${kind} '${kind === 'stream' ? 'out' : 'mail'}' will never take what a timer emitted: it is forbidden`,
      });
      const content: unknown = JSON.parse(Buffer.from(letter?.payload ?? '', 'base64').toString());
      expect(content).toMatchObject({ kind });
      expect([valuesOf(made, 'out').length, made.outputs.dispatches.length]).toEqual(
        kind === 'stream' ? [0, 1] : [1, 0],
      );
      expect(await stored(made.store, 'test/absence')).toEqual({ x: null, y: null });
    },
  );

  test('holds the partition until that letter is kept', async () => {
    const made = bench();
    made.outputs.fails = (delivery) => (delivery.kind === 'notification' ? 'it is forbidden' : undefined);
    made.outputs.refusesLetters = true;
    const records = batch(item('A', 'x', 1, NOW_S), item('A', 'y', 1, NOW_S + 60));
    const { held } = await engine(absence(), made.ports).process(records);
    expect(held).toMatchObject([{ because: 'a dead letter of it could not be kept' }]);
    expect(await stored(made.store, 'test/absence')).toEqual({});
  });

  test('in one message with what a record emits, makes a letter of the timer, and one of the record', async () => {
    const made = bench();
    made.outputs.fails = ({ kind }) => (kind === 'notification' ? 'it is forbidden' : undefined);
    const greeting: Processor = withStep(absence(), ({ value, timeMs }) => ({
      timerMs: timeMs + MINUTE_MS,
      ...(Reflect.get(Object(value), 'n') === 2 && { emit: { mail: [value] } }),
    }));
    const { held, books } = await engine(greeting, made.ports).process(
      batch(item('A', 'x', 1, NOW_S), item('A', 'y', 1, NOW_S + 60), item('A', 'x', 2, NOW_S + 60)),
    );
    expect([held, books.applied, books.deadLettered]).toEqual([[], 2, 1]);
    const letters = made.outputs.letters.map(({ lane, sequenceNumber }) => `${lane} ${sequenceNumber}`);
    expect([...new Set(letters)].sort()).toEqual(['in@A 49000003', 'timer@A/x ']);
  });
});

describe('what a timer emits', () => {
  test('is refused with its partition, and comes again under the origin it had', async () => {
    const made = bench();
    const records = batch(item('A', 'x', 1, NOW_S), item('A', 'y', 1, NOW_S + 60));
    made.outputs.refusesMessage = () => true;
    const { held } = await engine(absence(), made.ports).process(records);
    expect(held).toMatchObject([
      { sequenceNumber: '49000001', because: "notification 'mail' did not take its records" },
    ]);
    made.outputs.refusesMessage = () => false;
    await engine(absence(), made.ports).process(records);
    const origins = emitted(made.outputs, 'out').map(({ origin }) => origin);
    expect(origins).toHaveLength(2);
    expect(new Set(origins).size).toBe(1);
  });

  test('is counted by a sweep, record by record and message by message', async () => {
    const made = bench();
    await engine(absence(), made.ports).process(
      batch(item('A', 'x', 1, NOW_S), item('B', 'x', 1, NOW_S), item('B', 'y', 1, NOW_S)),
    );
    made.clockMs += HOUR_MS;
    // Three records, and a message to each of two people.
    expect(await engine(absence(), made.ports).sweep('idle')).toBe(5);
    expect(made.outputs.dispatches.map(({ recipient, ids }) => [recipient, ids.length])).toEqual([
      ['x@example.org', 2],
      ['y@example.org', 1],
    ]);
  });

  test('carries no promise of event time where its processor keeps partition keys as they are', async () => {
    const made = bench();
    await engine(absence(), made.ports).process(batch(item('A', 'x', 1, NOW_S)));
    made.clockMs += HOUR_MS;
    await engine(absence(), made.ports).sweep('idle');
    const payloads = made.outputs.units.flatMap((unit) => unit.payloads);
    expect(payloads).toHaveLength(1);
    expect(payloads.some((payload) => payload.includes('"watermark"'))).toBe(false);
  });
});

describe('a timer that fails', () => {
  test('on a key without state leaves a letter that says key, time and that there is none', async () => {
    const made = bench();
    const failing: Processor = {
      ...absence(),
      keyed: { ...absence().keyed, ...failingTimer(absence()) },
    };
    await engine(failing, made.ports).process(batch(item('A', 'x"', 1, NOW_S), item('A', 'y', 1, NOW_S + 60)));
    const [letter] = made.outputs.letters;
    expect(letter?.error).toBe('not today');
    expect(letter?.stack).toMatch(/outputs-of-timers/u);
    expect(JSON.parse(Buffer.from(letter?.payload ?? '', 'base64').toString())).toEqual({
      key: 'x"',
      timerMs: ARRIVAL_MS + MINUTE_MS,
      state: null,
    });
  });

  const failingTimer = ({ keyed }: Processor) => {
    if (keyed === undefined) throw new Error('it has no state');
    return {
      ...keyed,
      onTimer: (): never => {
        throw new Error('not today');
      },
    };
  };
});

describe('timers of a quiet partition that follow the clock', () => {
  const YEAR_MS = 365 * 24 * HOUR_MS;

  test('go on from where the last record left event time, years ago as it may be', async () => {
    const made = bench();
    const start = NOW_S - YEAR_MS / 1000;
    await engine(absence(), made.ports).process(batch(item('A', 'x', 1, start), item('A', 'y', 1, start + 55 * 60)));
    expect(times(made)).toEqual([-YEAR_MS + MINUTE_MS]);
    made.clockMs += 10 * MINUTE_MS;
    await engine(absence(), made.ports).sweep('idle');
    expect(times(made)).toEqual([-YEAR_MS + MINUTE_MS, -YEAR_MS + 56 * MINUTE_MS]);
  });

  test('fire when event time has gone on so far as their time and grace, and not before', async () => {
    const made = bench();
    const described = absence({ graceMs: 20 * MINUTE_MS });
    await engine(described, made.ports).process(batch(item('A', 'x', 1, NOW_S)));
    for (const [atMs, expected] of [
      [20 * MINUTE_MS, 0],
      [21 * MINUTE_MS - 1, 0],
      [21 * MINUTE_MS, 1],
    ] as const) {
      made.clockMs = ARRIVAL_MS + atMs;
      await engine(described, made.ports).sweep('idle');
      expect(times(made)).toHaveLength(expected);
    }
  });

  test('leave event time where the clock has brought it, and the quiet counts once', async () => {
    const made = bench();
    await engine(absence(), made.ports).process(batch(item('A', 'x', 1, NOW_S), item('A', 'y', 1, NOW_S + 60)));
    const progress = async (): Promise<readonly (number | undefined)[]> => {
      const [one] = await made.store.progress('test/absence', ['A']);
      return [(one?.watermarkMs ?? NaN) - ARRIVAL_MS, (one?.activeAtMs ?? NaN) - ARRIVAL_MS];
    };
    expect(await progress()).toEqual([MINUTE_MS, 0]);
    made.clockMs += 30 * MINUTE_MS;
    await engine(absence(), made.ports).sweep('idle');
    expect(await progress()).toEqual([21 * MINUTE_MS, 20 * MINUTE_MS]);
    // Nothing waits any more, so nothing moves.
    made.clockMs += 30 * MINUTE_MS;
    await engine(absence(), made.ports).sweep('idle');
    expect(await progress()).toEqual([21 * MINUTE_MS, 20 * MINUTE_MS]);
  });

  test('go by the clock where no record has moved event time', async () => {
    const made = bench();
    const far = item('A', 'x', 1, NOW_S + 2 * 24 * 3600);
    await engine(absence(), made.ports).process([delivered(1, far)]);
    made.clockMs += 2 * 24 * HOUR_MS;
    await engine(absence(), made.ports).sweep('idle');
    expect(times(made)).toEqual([]);
    made.clockMs += MINUTE_MS;
    await engine(absence(), made.ports).sweep('idle');
    expect(times(made)).toEqual([2 * 24 * HOUR_MS + MINUTE_MS]);
  });
});

describe('a sweep', () => {
  test('leaves alone what is not idle so long, to the millisecond', async () => {
    const made = bench();
    await engine(absence(), made.ports).process(batch(item('A', 'x', 1, NOW_S)));
    made.clockMs += 10 * MINUTE_MS - 1;
    expect(await engine(absence(), made.ports).sweep('idle')).toBe(0);
    made.clockMs += 1;
    expect(await engine(absence(), made.ports).sweep('idle')).toBe(2);
  });

  test('commits every key that it fired, and fires none twice', async () => {
    const made = bench();
    const keys = ['a', 'b', 'c'];
    await engine(absence(), made.ports).process(batch(...keys.map((key) => item('A', key, 1, NOW_S))));
    made.clockMs += HOUR_MS;
    await engine(absence(), made.ports).sweep('idle');
    made.clockMs += HOUR_MS;
    expect(await engine(absence(), made.ports).sweep('idle')).toBe(0);
    expect(times(made)).toEqual([MINUTE_MS, MINUTE_MS, MINUTE_MS]);
  });

  test('fires nothing of a partition whose event time another writer has just moved', async () => {
    const made = bench();
    await engine(absence(), made.ports).process(batch(item('A', 'x', 1, NOW_S), item('B', 'x', 1, NOW_S)));
    made.clockMs += HOUR_MS;
    const { ports } = made;
    const racing = {
      ...ports,
      state: {
        ...ports.state,
        advance: async (moves: Parameters<typeof ports.state.advance>[0]) => {
          const outcomes = await ports.state.advance(moves);
          return outcomes.map((outcome, index) => (moves[index]?.partitionKey === 'A' ? 'conflict' : outcome));
        },
      },
    };
    await engine(absence(), racing).sweep('idle');
    expect(valuesOf(made, 'out').map((value) => String(Reflect.get(Object(value), 'lane')))).toEqual(['B']);
  });

  test('looks again whether a partition is idle when it comes to it: the list of idle ones lags', async () => {
    const made = bench();
    await engine(absence(), made.ports).process(batch(item('A', 'x', 1, NOW_S)));
    made.clockMs += 5 * MINUTE_MS;
    const lagging = { ...made.ports, state: { ...made.ports.state, idle: () => Promise.resolve(['A']) } };
    expect(await engine(absence(), lagging).sweep('idle')).toBe(0);
    expect(times(made)).toEqual([]);
  });

  test('gets through more partitions than it treats together', async () => {
    const made = bench();
    const lanes = Array.from({ length: 70 }, (_, index) => `L${String(index)}`);
    await engine(absence(), made.ports).process(batch(...lanes.map((lane) => item(lane, 'x', 1, NOW_S))));
    made.clockMs += HOUR_MS;
    // A record each, and a message for each 32 that are treated together.
    expect(await engine(absence(), made.ports).sweep('idle')).toBe(73);
    expect(times(made)).toHaveLength(70);
  });

  test('of a processor without timers has nothing to do', async () => {
    const plain = processor({
      id: 'p',
      from: input,
      to: { others },
      step: ({ value }) => ({ emit: { others: [value] } }),
    });
    expect(await engine(plain, bench().ports).sweep('all')).toBe(0);
  });
});

test('the origin of an output does not depend on what its step emits elsewhere', async () => {
  const twofold = (count: number): Processor =>
    processor({
      id: 'test/twofold',
      from: input,
      to: { others, out },
      step: ({ value }) => ({ emit: { others: Array.from({ length: count }, () => value), out: [value] } }),
    });
  const origins = await Promise.all(
    [0, 1, 3].map(async (count) => {
      const made = bench();
      await engine(twofold(count), made.ports).process(batch(item('A', 'x', 1)));
      return emitted(made.outputs, 'out').map(({ origin }) => origin);
    }),
  );
  expect(new Set(origins.flat()).size).toBe(1);
});

test('the outputs of one record have origins that differ, and those of an id keep to twelve digits of it', async () => {
  const ided = { ...out, idOf: ({ n }: Item) => String(n) };
  const many = processor({
    id: 'test/many',
    from: input,
    to: { ided, others },
    step: ({ value }) => {
      const values = [1, 2, 3].map((n) => ({ ...value, n }));
      return { emit: { ided: values, others: values } };
    },
  });
  const made = bench();
  await engine(many, made.ports).process(batch(item('A', 'x', 1)));
  const payloads = made.outputs.units.flatMap((unit) => unit.payloads);
  const origins = payloads.map((payload) => {
    const { lane = '', position = '' } = peeker('data')(payload) ?? {};
    return `${lane} ${position}`;
  });
  expect(new Set(origins).size).toBe(6);
  expect(origins.filter((origin) => /~[\da-f]{12}$/u.test(origin))).toHaveLength(3);
});

test('a timer fires before the next record as soon as event time is at its time, and not a millisecond earlier', async () => {
  const counting = processor({
    id: 'test/fired',
    from: input,
    to: { out },
    key: ({ key }) => key,
    initial: () => 0,
    timers: { graceMs: 5, idleAfterMs: HOUR_MS, whenIdle: 'fire-all' },
    step: ({ value, state, timeMs }) => ({
      emit: { out: [{ ...value, n: state }] },
      ...(value.n === 1 && { state, timerMs: timeMs + MINUTE_MS }),
    }),
    onTimer: ({ state }) => ({ state: state + 1 }),
  });
  const firings = async (aheadMs: number): Promise<number> => {
    const made = bench();
    await engine(counting, made.ports).process(
      batch(
        item('A', 'x', 1, NOW_S - 60),
        { ...item('A', 'y', 0), at: ARRIVAL_MS + aheadMs },
        item('A', 'x', 0, NOW_S - 60),
      ),
    );
    return Number(Reflect.get(Object(valuesOf(made, 'out').at(-1)), 'n'));
  };
  expect([await firings(4), await firings(5)]).toEqual([0, 1]);
});
