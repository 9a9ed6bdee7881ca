import { describe, expect, test } from '@jest/globals';
import { engine } from '../../shared/engine/engine.ts';
import type { EnginePorts } from '../../shared/engine/ports.ts';
import { processor } from '../../shared/processor/processor.ts';
import { batch, bench, delivered, emitted, item, itemStream, stored, valuesOf } from '../support/engine-bench.ts';

const input = itemStream('in');
const seen = itemStream('seen');
const missed = itemStream('missed');

const MINUTE_MS = 60_000;

/** Emits with each record how often its key was missed, and a miss for each minute of silence. */
const absence = processor({
  id: 'test/absence',
  from: input,
  to: { seen, missed },
  key: ({ key }) => key,
  initial: () => 0,
  timers: { graceMs: 0, idleAfterMs: 10 * MINUTE_MS, whenIdle: 'follow-clock' },
  step: ({ value, state, timeMs }) => ({
    state,
    emit: { seen: [{ ...value, n: state }] },
    timerMs: timeMs + MINUTE_MS,
  }),
  onTimer: ({ state, key, partitionKey, timerMs }) => ({
    state: state + 1,
    emit: { missed: [{ lane: partitionKey, key, n: state + 1, at: timerMs }] },
  }),
});

test.each([NaN, Infinity, -Infinity, 0.5, 1e300, 9e15, -9e15])(
  'a timer at %d, which no store takes, makes a dead letter of its record, and nothing of the answer is taken',
  async (timerMs) => {
    const alarm = processor({
      id: 'test/alarm',
      from: input,
      to: { seen },
      key: ({ key }) => key,
      initial: () => 0,
      timers: { graceMs: 0, idleAfterMs: 10 * MINUTE_MS, whenIdle: 'fire-all' },
      step: ({ value }) => ({ state: value.n, emit: { seen: [value] }, timerMs }),
      onTimer: () => ({}),
    });
    const made = bench();
    const { books } = await engine(alarm, made.ports).process(batch(item('A', 'x', 1)));
    expect(books).toMatchObject({ deadLettered: 1, emitted: 0 });
    expect(made.outputs.letters[0]?.error).toMatch(/a timer is due at a whole number of milliseconds .* got/);
    expect(await stored(made.store, 'test/alarm')).toEqual({ x: null });
  },
);

test('a timer that asks for a time that no store takes makes a dead letter', async () => {
  const endless = processor({
    id: 'test/endless',
    from: input,
    to: { missed },
    key: ({ key }) => key,
    initial: () => 0,
    timers: { graceMs: 0, idleAfterMs: 10 * MINUTE_MS, whenIdle: 'fire-all' },
    step: ({ timeMs }) => ({ timerMs: timeMs + 1 }),
    onTimer: () => ({ timerMs: NaN }),
  });
  const made = bench();
  await engine(endless, made.ports).process(batch(item('A', 'x', 1, 0), item('A', 'y', 1, 60)));
  expect(made.outputs.letters.map(({ error }) => error)).toEqual([
    expect.stringMatching(/a timer is due at .* got NaN/),
  ]);
});

describe('a timer', () => {
  //  event time   0       60      90      100
  //  x            seen    ^ due           seen
  //  y                            seen
  const records = batch(item('A', 'x', 0, 0), item('A', 'y', 0, 90), item('A', 'x', 0, 100));

  test.each([1, 2, 3])('fires between two records, however they are cut into batches: %i at a time', async (size) => {
    const made = bench();
    for (let at = 0; at < records.length; at += size) {
      await engine(absence, made.ports).process(records.slice(at, at + size));
    }
    expect(valuesOf(made, 'missed')).toEqual([item('A', 'x', 1, 60)]);
    expect(valuesOf(made, 'seen')).toEqual([item('A', 'x', 0, 0), item('A', 'y', 0, 90), item('A', 'x', 1, 100)]);
  });

  test('that is set to before one that has fired fires at once, as a record of its own', async () => {
    const made = bench();
    const back = batch(item('A', 'x', 0, 0), item('A', 'y', 0, 200), item('A', 'x', 0, -100), item('A', 'y', 0, 201));
    await engine(absence, made.ports).process(back);
    const origins = emitted(made.outputs, 'missed').map(({ origin }) => origin);
    expect(valuesOf(made, 'missed')).toEqual([item('A', 'x', 1, 60), item('A', 'x', 2, 60.001)]);
    expect(origins).toEqual([...new Set(origins)].sort());
  });

  test('that fires again in another environment does so after the last one that fired', async () => {
    const made = bench();
    await engine(absence, made.ports).process(batch(item('A', 'x', 0, 0), item('A', 'y', 0, 200)));
    await engine(absence, made.ports).process([delivered(3, item('A', 'x', 0, 0))]);
    expect(valuesOf(made, 'missed')).toEqual([item('A', 'x', 1, 60), item('A', 'x', 2, 60.001)]);
  });

  test('of many keys fires in the order of due time, then key', async () => {
    const made = bench();
    const keys = [7, 3, 9, 1, 5, 8, 2, 6, 4, 0];
    const items = keys.map((key) => item('A', `k${String(key)}`, 0, key - (key % 2)));
    await engine(absence, made.ports).process(batch(...items, item('A', 'end', 0, 500)));
    expect(valuesOf(made, 'missed')).toMatchObject(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((key) => ({ key: `k${String(key)}` })),
    );
  });
});

test('a timer that sets itself again, due at the end of input since a sweep that could not write, fires no further than event time', async () => {
  const ticking = processor({
    id: 'test/ticking',
    from: input,
    to: { missed },
    key: ({ key }) => key,
    initial: () => 0,
    timers: { graceMs: 0, idleAfterMs: 10 * MINUTE_MS, whenIdle: 'follow-clock' },
    step: ({ timeMs }) => ({ timerMs: timeMs + MINUTE_MS }),
    onTimer: ({ state, key, partitionKey, timerMs }) => ({
      state: state + 1,
      emit: { missed: [{ lane: partitionKey, key, n: state + 1, at: timerMs }] },
      timerMs: timerMs + 1,
    }),
  });
  const made = bench();
  await engine(ticking, made.ports).process(batch(item('A', 'x', 1)));
  made.intercept = () => 'throttled';
  made.clockMs += 24 * 60 * MINUTE_MS;
  await engine(ticking, made.ports).sweep('idle');
  made.intercept = () => undefined;
  await engine(ticking, made.ports).sweep('all');
  expect(made.outputs.letters).toEqual([]);
  const [stored] = await made.store.due('test/ticking', [{ partitionKey: 'A', dueMs: Infinity }]);
  expect(stored?.timerMs).toBeLessThan(2 * 24 * 60 * MINUTE_MS);
});

describe('all partitions of a batch', () => {
  const partitions = ['A', 'B', 'C'] as const;

  test('share one call to read progress, one to mark them active, one for what is due and one to move event time', async () => {
    const made = bench();
    const calls: string[] = [];
    const { state } = made.ports;
    const ports: EnginePorts = {
      ...made.ports,
      state: {
        ...state,
        progress: (collection, keys) => {
          calls.push(`progress of ${String(keys.length)}`);
          return state.progress(collection, keys);
        },
        advance: (progress) => {
          calls.push(`advance ${String(progress.length)}`);
          return state.advance(progress);
        },
        due: (collection, asked) => {
          calls.push(`due in ${String(asked.length)}`);
          return state.due(collection, asked);
        },
      },
    };
    const { books } = await engine(absence, ports).process(batch(...partitions.map((key) => item(key, key, 0, 1))));
    expect(books).toMatchObject({ in: 3, applied: 3 });
    expect(calls).toEqual(['progress of 3', 'advance 3', 'due in 3', 'advance 3']);
  });

  test('are tried again together where another writer has moved their event time, the others not', async () => {
    const made = bench();
    const calls: string[] = [];
    const { state } = made.ports;
    const racing: EnginePorts = {
      ...made.ports,
      state: {
        ...state,
        advance: async (progress) => {
          calls.push(progress.map(({ partitionKey }) => partitionKey).join());
          // Another writer moves A and C before the call that ends the batch.
          if (calls.length === 2) {
            const others = progress.filter(({ partitionKey }) => partitionKey !== 'B');
            await state.advance(others.map((one) => ({ ...one, watermarkMs: 99_000 })));
          }
          return state.advance(progress);
        },
      },
    };
    const { books, held, watermarkMs } = await engine(absence, racing).process(
      batch(...partitions.map((key) => item(key, key, 0, 1))),
    );
    expect(calls).toEqual(['A,B,C', 'A,B,C', 'A,C']);
    expect([held, books.applied, watermarkMs]).toEqual([[], 3, 1000]);
    const after = await made.store.progress('test/absence', partitions);
    expect(after.map((one) => one.watermarkMs)).toEqual([99_000, 1000, 99_000]);
  });

  test('have their lowest watermark reported, those left out that have none yet', async () => {
    const made = bench();
    const warm = engine(absence, made.ports);
    expect((await warm.process(batch(item('A', 'x', 0, 50), item('B', 'y', 0, 20)))).watermarkMs).toBe(20_000);
    expect((await warm.process([delivered(3, item('B', 'y', 0, 70)), delivered(4, '{oops')])).watermarkMs).toBe(50_000);
    expect((await engine(absence, bench().ports).process([delivered(1, '{oops')])).watermarkMs).toBeUndefined();
  });
});

describe('a sweep', () => {
  const partitions = Array.from({ length: 70 }, (_, index) => `place-${String(index).padStart(2, '0')}`);
  const opened = async (): Promise<ReturnType<typeof bench>> => {
    const made = bench();
    await engine(absence, made.ports).process(batch(...partitions.map((key) => item(key, key, 0, 1))));
    made.clockMs += 11 * MINUTE_MS;
    return made;
  };
  const missedKeys = (made: ReturnType<typeof bench>): readonly unknown[] =>
    emitted(made.outputs, 'missed').map(({ value }): unknown => Reflect.get(Object(value), 'key'));

  test('fires the timers of all idle partitions, however many, each once', async () => {
    const made = await opened();
    expect(await engine(absence, made.ports).sweep('idle')).toBe(70);
    expect(missedKeys(made)).toEqual(partitions);
    expect(await engine(absence, made.ports).sweep('idle')).toBe(0);
  });

  test('leaves a partition alone that another writer moves at the same time, or that cannot be written; the others are swept', async () => {
    const made = await opened();
    const { state } = made.ports;
    const ports: EnginePorts = {
      ...made.ports,
      state: {
        ...state,
        advance: async (progress) => {
          await state.advance(progress.filter(({ partitionKey }) => partitionKey === 'place-03'));
          return state.advance(progress);
        },
      },
    };
    made.outputs.refuses = ({ partitionKey }) => partitionKey === 'place-05';
    await engine(absence, ports).sweep('idle');
    expect(missedKeys(made)).toEqual(partitions.filter((key) => key !== 'place-03' && key !== 'place-05'));

    made.outputs.refuses = () => false;
    made.clockMs += 11 * MINUTE_MS;
    await engine(absence, made.ports).sweep('idle');
    expect([...missedKeys(made)].sort()).toEqual(partitions);
  });
});

test('a processor without timers knows no event time but that of its record', async () => {
  const made = bench();
  const watermarks: number[] = [];
  const watching = processor({
    id: 'test/watch',
    from: input,
    to: {},
    key: ({ key }) => key,
    initial: () => 0,
    step: ({ watermarkMs }) => {
      watermarks.push(watermarkMs);
      return {};
    },
  });
  const records = batch(item('A', 'x', 1, 5), item('A', 'x', 1, 10));
  const { watermarkMs } = await engine(watching, made.ports).process(records);
  expect(watermarkMs).toBeUndefined();
  expect(watermarks).toEqual([-Infinity, -Infinity]);
});
