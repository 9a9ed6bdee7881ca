import { describe, expect, test } from '@jest/globals';
import type { Books } from '../../shared/engine/books.ts';
import { engine } from '../../shared/engine/engine.ts';
import type { EnginePorts } from '../../shared/engine/ports.ts';
import { processor } from '../../shared/processor/processor.ts';
import { tumbling } from '../../shared/processor/windows/tumbling.ts';
import { windowed } from '../../shared/processor/windows/windowed.ts';
import {
  ARRIVAL_MS,
  bench,
  delivered,
  emitted,
  forwarded,
  item,
  itemStream,
  stored,
  type Bench,
} from '../support/engine-bench.ts';

const MINUTE_MS = 60_000;
const IDLE_MINUTES = 12;
const NOW_S = ARRIVAL_MS / 1000;
const out = itemStream('out');

const perMinute = windowed({
  id: 'test/per-minute',
  from: itemStream('in'),
  to: { out },
  key: ({ key }) => key,
  window: tumbling({ sizeMs: MINUTE_MS, graceMs: 0 }),
  idleAfterMs: IDLE_MINUTES * MINUTE_MS,
  initial: () => 0,
  add: (sum, { n }) => sum + n,
  emit: 'final',
  result: (n, { key, partitionKey, startMs }) => ({ out: [{ lane: partitionKey, key, n, at: startMs }] }),
});

/** Keeps the sums it was sent, by minute. */
const reader = processor({
  id: 'test/reader',
  from: out,
  to: {},
  key: ({ at }) => String((at - ARRIVAL_MS) / MINUTE_MS),
  initial: (): readonly number[] => [],
  step: ({ value, state }) => ({ state: [...state, value.n] }),
});

/** In the second batch a record of the first minute, and one that closes it. */
const FIRST = [delivered(1, item('A', 'x', 1, NOW_S))];
const SECOND = [delivered(2, item('A', 'x', 2, NOW_S + 30)), delivered(3, item('A', 'x', 4, NOW_S + 60))];

/**
 * The state store takes no write from when the second batch has emitted, for some minutes. The batch is tried again each minute,
 * and the sweep runs; then either of them is first to find the store back.
 */
const afterOutage = async (
  minutes: number,
  first: 'batch' | 'sweep',
): Promise<{ readonly made: Bench; readonly held: ReadonlySet<string | undefined>; readonly books: Books }> => {
  const made = bench();
  const { state } = made.ports;
  let isOut = false;
  const throttled = (all: readonly unknown[]): Promise<readonly 'throttled'[]> =>
    Promise.resolve(all.map(() => 'throttled'));
  const ports: EnginePorts = {
    ...made.ports,
    state: {
      ...state,
      write: (writes) => (isOut ? throttled(writes) : state.write(writes)),
      advance: (moves) => (isOut ? throttled(moves) : state.advance(moves)),
    },
  };
  await engine(perMinute, ports).process(FIRST);
  isOut = true;
  const held = new Set<string | undefined>();
  for (let minute = 0; minute < minutes; minute += 1) {
    const { held: ofBatch } = await engine(perMinute, ports).process(SECOND);
    held.add(ofBatch[0]?.because.replace(/ '.*'/u, ''));
    await engine(perMinute, ports).sweep('idle');
    made.clockMs += MINUTE_MS;
  }
  isOut = false;
  if (first === 'sweep') await engine(perMinute, ports).sweep('idle');
  const { books } = await engine(perMinute, ports).process(SECOND);
  await engine(perMinute, ports).sweep('all');
  await engine(reader, ports).process(forwarded(made, 'out'));
  return { made, held, books };
};

/** What was emitted for the first minute: distinct origins, and distinct sums in the order they came. */
const closings = ({ outputs }: Bench): { readonly origins: number; readonly sums: readonly unknown[] } => {
  const ofFirst = emitted(outputs, 'out').filter(({ value }) => Reflect.get(Object(value), 'at') === ARRIVAL_MS);
  return {
    origins: new Set(ofFirst.map(({ origin }) => origin)).size,
    sums: [...new Set(ofFirst.map(({ value }): unknown => Reflect.get(Object(value), 'n')))],
  };
};

describe('an outage of the state store between the emission of a closing and its commit', () => {
  test('leaves no trace where it is shorter than the idle time', async () => {
    const { made, books } = await afterOutage(IDLE_MINUTES - 1, 'sweep');
    expect(books).toMatchObject({ applied: 2, late: 0 });
    expect(closings(made)).toEqual({ origins: 1, sums: [3] });
    expect(await stored(made.store, 'test/reader')).toEqual({ 0: [3], 1: [4] });
  });

  test('leaves no trace where the batch finds the store back before a sweep does, however long it was', async () => {
    const { made, held, books } = await afterOutage(10 * IDLE_MINUTES, 'batch');
    expect([...held]).toEqual([
      'the state store throttles key',
      'it could not be marked active: the state store throttles',
    ]);
    expect(books).toMatchObject({ applied: 2, late: 0 });
    expect(closings(made)).toEqual({ origins: 1, sums: [3] });
    expect(await stored(made.store, 'test/reader')).toEqual({ 0: [3], 1: [4] });
  });

  test('that is longer than the idle time, and that a sweep finds over first, has the window close anew without the record: readers keep the first closing, which holds it, and the books call it late', async () => {
    const { made, books } = await afterOutage(IDLE_MINUTES, 'sweep');
    expect(books).toMatchObject({ applied: 1, late: 1 });
    expect(closings(made)).toEqual({ origins: 1, sums: [3, 1] });
    expect(await stored(made.store, 'test/reader')).toEqual({ 0: [3], 1: [4] });
  });
});
