import { describe, expect, test } from '@jest/globals';
import { engine } from '../../shared/engine/engine.ts';
import { processor, type Processor, type TimerOptions } from '../../shared/processor/processor.ts';
import { tumbling } from '../../shared/processor/windows/tumbling.ts';
import { windowed } from '../../shared/processor/windows/windowed.ts';
import { ARRIVAL_MS, batch, bench, delivered, item, itemStream, valuesOf, type Item } from '../support/engine-bench.ts';

const input = itemStream('in');
const out = itemStream('out');
const MINUTE_MS = 60_000;
const NOW_S = ARRIVAL_MS / 1000;

/** Sums a minute per key without grace. */
const perMinute = (aheadToleranceMs?: number): Processor =>
  windowed({
    id: 'test/per-minute',
    from: input,
    to: { out },
    key: ({ key }) => key,
    window: tumbling({ sizeMs: MINUTE_MS, graceMs: 0 }),
    idleAfterMs: 15 * MINUTE_MS,
    ...(aheadToleranceMs !== undefined && { aheadToleranceMs }),
    initial: () => 0,
    add: (sum, { n }) => sum + n,
    emit: 'final',
    result: (n, { key, partitionKey, startMs }) => ({ out: [{ lane: partitionKey, key, n, at: startMs }] }),
  });

const watermarkOf = async (made: ReturnType<typeof bench>, id: string): Promise<number | undefined> =>
  (await made.store.progress(id, ['A']))[0]?.watermarkMs;

describe('a record from further ahead of its arrival than is tolerated', () => {
  test.each([
    ['the grace, at least a minute', undefined, 60],
    ['what the processor says', 5000, 5],
  ])('does not move event time at all; the default is %s', async (_, aheadToleranceMs, seconds) => {
    const made = bench();
    const worker = engine(perMinute(aheadToleranceMs), made.ports);
    await worker.process(batch(item('A', 'x', 1, NOW_S), item('A', 'fast', 1, NOW_S + seconds + 0.001)));
    expect(await watermarkOf(made, 'test/per-minute')).toBe(ARRIVAL_MS);
    await worker.process([delivered(3, item('A', 'fast', 1, NOW_S + seconds))]);
    expect(await watermarkOf(made, 'test/per-minute')).toBe(ARRIVAL_MS + seconds * 1000);
  });

  test('makes no record late that follows, and gets a window of its own', async () => {
    const made = bench();
    const { books } = await engine(perMinute(), made.ports).process(
      batch(item('A', 'x', 1, NOW_S), item('A', 'fast', 8, NOW_S + 3600), item('A', 'x', 2, NOW_S + 1)),
    );
    expect(books).toMatchObject({ applied: 3, late: 0 });
    await engine(perMinute(), made.ports).sweep('all');
    expect(valuesOf(made, 'out')).toEqual([item('A', 'x', 3, NOW_S), item('A', 'fast', 8, NOW_S + 3600)]);
  });

  test('has its window closed when the clock gets there, and not before', async () => {
    const made = bench();
    await engine(perMinute(), made.ports).process(batch(item('A', 'fast', 8, NOW_S + 3600)));
    made.clockMs = ARRIVAL_MS + 3600_000 + MINUTE_MS - 1;
    await engine(perMinute(), made.ports).sweep('idle');
    expect(valuesOf(made, 'out')).toEqual([]);
    made.clockMs += 1;
    await engine(perMinute(), made.ports).sweep('idle');
    expect(valuesOf(made, 'out')).toEqual([item('A', 'fast', 8, NOW_S + 3600)]);
  });

  test('is one from a day ahead where timers follow the clock, unless the processor says otherwise', async () => {
    const timers: TimerOptions = { graceMs: 0, idleAfterMs: MINUTE_MS, whenIdle: 'follow-clock' };
    const absence = processor({
      id: 'test/absence',
      from: input,
      to: {},
      key: ({ key }) => key,
      initial: () => 0,
      timers,
      step: () => ({ state: 1 }),
      onTimer: () => ({}),
    });
    const made = bench();
    await engine(absence, made.ports).process(
      batch(item('A', 'x', 1, NOW_S + 86_400), item('A', 'y', 1, NOW_S + 86_401)),
    );
    expect(await watermarkOf(made, 'test/absence')).toBe(ARRIVAL_MS + 86_400_000);
  });
});

describe('event time', () => {
  test('is not moved by what cannot be decoded', async () => {
    const made = bench();
    const odd = { ...input, eventTimeMs: ({ n, at }: Item) => (n === 13 ? NaN : at) };
    const described = { ...perMinute(), from: odd };
    await engine(described, made.ports).process(batch(item('A', 'x', 1, -500), '{oops', item('A', 'x', 13, 0)));
    expect(await watermarkOf(made, 'test/per-minute')).toBe(-500_000);
  });

  test('that cannot be decoded asks the store for no timers of other keys', async () => {
    const made = bench();
    const asked: number[] = [];
    const ports = {
      ...made.ports,
      state: {
        ...made.ports.state,
        due: (collection: string, partitions: Parameters<typeof made.ports.state.due>[1]) => {
          asked.push(...partitions.map(({ dueMs }) => dueMs));
          return made.ports.state.due(collection, partitions);
        },
      },
    };
    await engine(perMinute(), ports).process([delivered(1, item('A', 'x', 1, -500)), delivered(2, '{oops')]);
    expect(asked).toEqual([-500_000]);
  });

  test('is moved by a record whose step fails, and by a repeat', async () => {
    const made = bench();
    const failing: Processor = {
      ...perMinute(),
      step: () => {
        throw new Error('thirteen');
      },
    };
    await engine(failing, made.ports).process(batch(item('A', 'x', 1, 5)));
    expect(await watermarkOf(made, 'test/per-minute')).toBe(5000);
  });

  test('loads the timers that come due anywhere in a batch, not only by its first record', async () => {
    const made = bench();
    await engine(perMinute(), made.ports).process(batch(item('A', 'quiet', 1, 10)));
    await engine(perMinute(), made.ports).process([
      delivered(2, item('A', 'x', 1, 20)),
      delivered(3, item('A', 'x', 1, 61)),
      delivered(4, item('A', 'x', 1, 30)),
    ]);
    expect(valuesOf(made, 'out')).toEqual([item('A', 'quiet', 1, 0), item('A', 'x', 1, 0)]);
  });

  test('lets a timer fire in the millisecond it is due, before the record that follows', async () => {
    const made = bench();
    const { books } = await engine(perMinute(), made.ports).process(
      batch(item('A', 'x', 1, 10), item('A', 'y', 1, 60), item('A', 'x', 2, 11)),
    );
    expect(books).toMatchObject({ late: 1 });
    expect(valuesOf(made, 'out')).toEqual([item('A', 'x', 1, 0)]);
  });

  test('that a batch was given only to hold does not move', async () => {
    const made = bench();
    made.outputs.refuses = () => true;
    const worker = engine(perMinute(), made.ports);
    await worker.process(batch(item('A', 'x', 1, 10)));
    const { held } = await worker.process([delivered(2, item('A', 'y', 1, 500))]);
    expect(held).toHaveLength(1);
    expect(await watermarkOf(made, 'test/per-minute')).toBe(10_000);
  });

  test('and the time of the last activity stay as they were where nothing of a partition was written', async () => {
    const made = bench();
    const worker = engine(perMinute(), made.ports);
    await worker.process(batch(item('A', 'x', 1, 10)));
    const before = await made.store.progress('test/per-minute', ['A']);
    made.clockMs += MINUTE_MS;
    made.intercept = () => 'throttled';
    await worker.process([delivered(2, item('A', 'y', 1, 20))]);
    expect(await made.store.progress('test/per-minute', ['A'])).toEqual(before);
  });
});

describe('a timer that sets itself again', () => {
  const periodic = (everyMs: number): Processor =>
    processor({
      id: 'test/periodic',
      from: input,
      to: { out },
      key: ({ key }) => key,
      initial: () => 0,
      timers: { graceMs: 0, idleAfterMs: 15 * MINUTE_MS, whenIdle: 'fire-all' },
      step: ({ value, timeMs, key }) => (key === 'x' ? { state: value.n, timerMs: timeMs + everyMs } : { state: 1 }),
      onTimer: ({ state, timerMs }) => ({
        state: state + 1,
        timerMs: timerMs + everyMs,
        emit: { out: [item('A', 'tick', state, timerMs / 1000)] },
      }),
    });

  test('fires each time that event time has passed, between two records', async () => {
    const made = bench();
    await engine(periodic(MINUTE_MS), made.ports).process(batch(item('A', 'x', 0, 0), item('A', 'y', 0, 200)));
    expect(valuesOf(made, 'out')).toHaveLength(3);
  });

  test('fires at most 1,000 times between two records, and goes on with the next one', async () => {
    const made = bench();
    const worker = engine(periodic(1), made.ports);
    await worker.process(batch(item('A', 'x', 0, 0), item('A', 'y', 0, 3600)));
    expect(valuesOf(made, 'out')).toHaveLength(1000);
    await worker.process([delivered(3, item('A', 'y', 0, 3601))]);
    expect(valuesOf(made, 'out')).toHaveLength(2000);
  });

  test('does not keep a sweep from ending, and every time it stores is a time', async () => {
    const made = bench();
    const worker = engine(periodic(1), made.ports);
    await worker.process(batch(item('A', 'x', 0, 0), item('A', 'y', 0, 3600)));
    made.clockMs += 20 * MINUTE_MS;
    made.outputs.refuses = () => true;
    await worker.sweep('idle');
    made.outputs.refuses = () => false;
    await worker.sweep('idle');
    await worker.sweep('all');
    await worker.sweep('all');
    for await (const { timerMs } of made.store.items('test/periodic')) {
      expect(timerMs === undefined || Number.isSafeInteger(timerMs)).toBe(true);
    }
  });

  test('fires once more at the end of input, and no more', async () => {
    const made = bench();
    const worker = engine(periodic(MINUTE_MS), made.ports);
    await worker.process(batch(item('A', 'x', 0, 0), item('A', 'y', 0, 30)));
    expect(await worker.sweep('all')).toBe(1);
    expect(valuesOf(made, 'out')).toEqual([item('A', 'tick', 0, 60)]);
  });

  test('is not asked to fire again for the same time by a round that is folded again', async () => {
    const made = bench();
    let isFirst = true;
    made.intercept = (key) => {
      if (key !== 'y' || !isFirst) return undefined;
      isFirst = false;
      return 'conflict';
    };
    await engine(periodic(MINUTE_MS), made.ports).process(batch(item('A', 'x', 0, 0), item('A', 'y', 0, 100)));
    expect(valuesOf(made, 'out')).toHaveLength(1);
  });
});
