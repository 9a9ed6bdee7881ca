import { describe, expect, test } from '@jest/globals';
import { engine } from '../../shared/engine/engine.ts';
import type { EnginePorts } from '../../shared/engine/ports.ts';
import { processor, type Processor } from '../../shared/processor/processor.ts';
import type { ConditionalWrite } from '../../shared/state/state-store.ts';
import {
  ARRIVAL_MS,
  batch,
  bench,
  delivered,
  item,
  itemStream,
  stored,
  valuesOf,
  type Bench,
} from '../support/engine-bench.ts';

const input = itemStream('in');
const out = itemStream('out');
const MINUTE_MS = 60_000;
const IDLE_MS = 30 * MINUTE_MS;
const NOW_S = ARRIVAL_MS / 1000;

/** Sums per key and emits the sum; a timer says when a key was silent for an hour. */
const summing = (isTimed: boolean): Processor =>
  processor({
    id: 'test/sum',
    from: input,
    to: { out },
    key: ({ key }) => key,
    initial: () => 0,
    step: ({ value, state, timeMs }) => ({
      state: state + value.n,
      emit: { out: [{ ...value, n: state + value.n }] },
      ...(isTimed && { timerMs: timeMs + 60 * MINUTE_MS }),
    }),
    ...(isTimed && {
      timers: { graceMs: 0, idleAfterMs: IDLE_MS, whenIdle: 'follow-clock' as const },
      onTimer: ({ state }: { readonly state: number }) => ({ state }),
    }),
  });

const watermarkOf = async (made: Bench, partitionKey = 'A'): Promise<number | undefined> =>
  (await made.store.progress('test/sum', [partitionKey]))[0]?.watermarkMs;

const sums = (made: Bench): readonly unknown[] =>
  valuesOf(made, 'out').map((value) => Number(Reflect.get(Object(value), 'n')));

describe('a key that cannot be written', () => {
  test('holds back the event time of its partition, and that of no other', async () => {
    const made = bench();
    made.intercept = (key) => (key === 'y' ? 'throttled' : undefined);
    const one = engine(summing(true), made.ports);
    const records = [item('A', 'x', 1, NOW_S), item('A', 'y', 1, NOW_S), item('B', 'x', 1, NOW_S)];
    const { held } = await one.process(batch(...records));
    expect(held).toMatchObject([{ partitionKey: 'A', because: "the state store throttles key 'y'" }]);
    expect([await watermarkOf(made, 'A'), await watermarkOf(made, 'B')]).toEqual([-Infinity, ARRIVAL_MS]);
    made.intercept = () => undefined;
    await one.process(batch(...records));
    expect(await watermarkOf(made, 'A')).toBe(ARRIVAL_MS);
  });

  test('has its partition delivered again as a whole where timers depend on it, else from its own first record', async () => {
    const heldAt = async (isTimed: boolean): Promise<readonly string[]> => {
      const made = bench();
      made.intercept = (key) => (key === 'y' ? 'throttled' : undefined);
      const { held } = await engine(summing(isTimed), made.ports).process(
        batch(item('A', 'x', 1, NOW_S), item('A', 'y', 1, NOW_S), item('A', 'y', 1, NOW_S)),
      );
      return held.map(({ sequenceNumber }) => sequenceNumber);
    };
    expect([await heldAt(true), await heldAt(false)]).toEqual([['49000001'], ['49000002']]);
  });

  test('is what its records are held for, and the others of the partition are applied', async () => {
    const made = bench();
    made.intercept = (key) => (key === 'y' ? 'throttled' : undefined);
    const { books } = await engine(summing(false), made.ports).process(
      batch(item('A', 'x', 1), item('A', 'y', 1), item('A', 'x', 1), item('A', 'y', 1)),
    );
    expect(books).toMatchObject({ in: 4, applied: 2, held: 2 });
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 2 });
  });
});

describe('a key that another writer changes in every round', () => {
  test.each([
    [true, ['49000001']],
    [false, ['49000002']],
  ])('is held after the first fold and five more, with timers: %p', async (isTimed, expected) => {
    const made = bench();
    let writes = 0;
    made.intercept = (key) => {
      if (key !== 'y') return undefined;
      writes += 1;
      return 'conflict';
    };
    const { held, conflicts, books } = await engine(summing(isTimed), made.ports).process(
      batch(item('A', 'x', 1, NOW_S), item('A', 'y', 1, NOW_S)),
    );
    expect(held.map(({ sequenceNumber }) => sequenceNumber)).toEqual(expected);
    expect(held[0]?.because).toBe('other writers keep winning its keys');
    expect([writes, conflicts]).toEqual([6, 6]);
    expect(books).toMatchObject({ in: 2, applied: 1, held: 1 });
    expect(await watermarkOf(made)).toBe(-Infinity);
  });
});

describe('keys that another writer has changed', () => {
  test('are each counted as a conflict, read anew and folded again, and no others', async () => {
    const made = bench();
    const described = summing(false);
    const [first, other] = [engine(described, made.ports), engine(described, made.ports)];
    let isFirst = true;
    let folds = 0;
    const counted: Processor = {
      ...described,
      step: (about) => {
        folds += 1;
        return described.step(about);
      },
    };
    await first.process([delivered(1, item('A', 'x', 1)), delivered(2, item('A', 'y', 1))]);
    const racing: EnginePorts = {
      ...made.ports,
      state: {
        ...made.ports.state,
        write: async (writes) => {
          if (isFirst) {
            isFirst = false;
            await other.process([delivered(3, item('A', 'x', 10)), delivered(4, item('A', 'y', 10))]);
          }
          return made.ports.state.write(writes);
        },
      },
    };
    const { conflicts, held } = await engine(counted, racing).process(
      [item('A', 'x', 100), item('A', 'z', 100), item('A', 'y', 100)].map((one, index) => delivered(5 + index, one)),
    );
    expect([conflicts, held, folds]).toEqual([2, [], 5]);
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 111, y: 111, z: 100 });
  });

  test('are not kept warm, also where that writer died before it ended its batch', async () => {
    const made = bench();
    const described = summing(true);
    let meanwhile: (() => Promise<unknown>) | undefined;
    const dying: EnginePorts = {
      ...made.ports,
      state: {
        ...made.ports.state,
        // It has marked its partition active before; what it stores in the end is lost.
        advance: (moves) => Promise.resolve(moves.map(() => 'throttled' as const)),
      },
    };
    const racing: EnginePorts = {
      ...made.ports,
      state: {
        ...made.ports.state,
        write: async (writes: readonly ConditionalWrite[]) => {
          const work = meanwhile;
          meanwhile = undefined;
          await work?.();
          return made.ports.state.write(writes);
        },
      },
    };
    const one = engine(described, racing);
    await one.process([delivered(1, item('A', 'x', 1, NOW_S)), delivered(2, item('A', 'y', 1, NOW_S))]);
    meanwhile = () =>
      engine(described, dying).process([
        delivered(3, item('A', 'x', 10, NOW_S)),
        delivered(4, item('A', 'y', 10, NOW_S)),
      ]);
    // Of y there is only a repeat, so nothing of it is written and no conflict found.
    await one.process([delivered(2, item('A', 'y', 1, NOW_S)), delivered(5, item('A', 'x', 100, NOW_S))]);
    const before = sums(made).length;
    await one.process([delivered(6, item('A', 'y', 100, NOW_S))]);
    expect(sums(made).slice(before)).toEqual([111]);
  });
});

describe('a warm environment', () => {
  test('reads no item again that it has read or written, as long as it is the only writer', async () => {
    const made = bench();
    const asked: string[] = [];
    const ports: EnginePorts = {
      ...made.ports,
      state: {
        ...made.ports.state,
        load: (addresses) => {
          asked.push(...addresses.filter(({ collection }) => collection === 'test/sum').map(({ key }) => key));
          return made.ports.state.load(addresses);
        },
      },
    };
    const one = engine(summing(true), ports);
    await one.process([delivered(1, item('A', 'x', 1, NOW_S)), delivered(2, item('A', 'y', 1, NOW_S))]);
    await one.process([delivered(3, item('A', 'x', 1, NOW_S)), delivered(4, item('A', 'z', 1, NOW_S))]);
    await one.process([delivered(5, item('A', 'y', 1, NOW_S)), delivered(6, item('A', 'z', 1, NOW_S))]);
    expect(asked).toEqual(['x', 'y', 'z']);
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 2, y: 2, z: 2 });
  });

  test('reads every item again where no event time tells it of other writers', async () => {
    const made = bench();
    let loads = 0;
    const ports: EnginePorts = {
      ...made.ports,
      state: {
        ...made.ports.state,
        load: (addresses) => {
          if (addresses[0]?.collection === 'test/sum') loads += 1;
          return made.ports.state.load(addresses);
        },
      },
    };
    const one = engine(summing(false), ports);
    for (const sequence of [1, 2, 3]) await one.process([delivered(sequence, item('A', 'x', 1))]);
    expect(loads).toBe(3);
  });
});

describe('a batch that takes long', () => {
  const THIRD_MS = IDLE_MS / 3;

  /** Processes two records, the clock moving on while rows are read, or while outputs are delivered. */
  const slowly = async (
    when: 'before' | 'after',
    byMs: number,
  ): Promise<{ readonly made: Bench; readonly held: readonly string[] }> => {
    const made = bench();
    const { ports } = made;
    const late = (at: 'before' | 'after'): void => {
      if (at === when) made.clockMs += byMs;
    };
    const slow: EnginePorts = {
      ...ports,
      state: {
        ...ports.state,
        load: (addresses) => {
          if (addresses[0]?.collection === 'test/sum') late('before');
          return ports.state.load(addresses);
        },
      },
      outputs: {
        ...ports.outputs,
        deliver: (deliveries) => {
          late('after');
          return ports.outputs.deliver(deliveries);
        },
      },
    };
    const { held } = await engine(summing(true), slow).process(
      batch(item('A', 'x', 1, NOW_S), item('A', 'y', 1, NOW_S)),
    );
    return { made, held: held.map(({ because }) => because) };
  };

  test.each(['before', 'after'] as const)(
    'is given up %s its emission once a third of the idle time is over',
    async (when) => {
      const { made, held } = await slowly(when, THIRD_MS + 1);
      expect(held).toEqual(['the batch took so long that a sweep may have treated its partitions as idle']);
      expect(await stored(made.store, 'test/sum')).toEqual({});
      expect(sums(made)).toEqual(when === 'before' ? [] : [1, 1]);
      expect(await watermarkOf(made)).toBe(-Infinity);
    },
  );

  test.each(['before', 'after'] as const)(
    'is committed where the time passes %s its emission and is not over',
    async (when) => {
      const { made, held } = await slowly(when, THIRD_MS);
      expect(held).toEqual([]);
      expect(await stored(made.store, 'test/sum')).toEqual({ x: 1, y: 1 });
    },
  );

  test('is nothing to worry about where no timers are', async () => {
    const made = bench();
    const { ports } = made;
    const slow: EnginePorts = {
      ...ports,
      outputs: {
        ...ports.outputs,
        deliver: (deliveries) => {
          made.clockMs += 100 * IDLE_MS;
          return ports.outputs.deliver(deliveries);
        },
      },
    };
    const { held } = await engine(summing(false), slow).process(batch(item('A', 'x', 1)));
    expect([held, await stored(made.store, 'test/sum')]).toEqual([[], { x: 1 }]);
  });
});

describe('a partition that was quiet', () => {
  test('is marked active before its batch, and not again while it stays so', async () => {
    const made = bench();
    const marks: number[] = [];
    const ports: EnginePorts = {
      ...made.ports,
      state: {
        ...made.ports.state,
        advance: (moves) => {
          marks.push(...moves.map(({ activeAtMs }) => activeAtMs - ARRIVAL_MS));
          return made.ports.state.advance(moves);
        },
      },
    };
    const one = engine(summing(true), ports);
    await one.process([delivered(1, item('A', 'x', 1, NOW_S))]);
    expect(marks).toEqual([0, 0]);
    made.clockMs += IDLE_MS / 3;
    await one.process([delivered(2, item('A', 'x', 1, NOW_S))]);
    expect(marks).toEqual([0, 0, IDLE_MS / 3]);
    made.clockMs += IDLE_MS / 3 + 1;
    await one.process([delivered(3, item('A', 'x', 1, NOW_S))]);
    expect(marks).toEqual([0, 0, IDLE_MS / 3, (2 * IDLE_MS) / 3 + 1, (2 * IDLE_MS) / 3 + 1]);
  });

  test('is held where it cannot be marked, and nothing of it is emitted', async () => {
    const made = bench();
    const ports: EnginePorts = {
      ...made.ports,
      state: {
        ...made.ports.state,
        advance: (moves) => Promise.resolve(moves.map(() => 'throttled' as const)),
      },
    };
    const { held, books } = await engine(summing(true), ports).process(batch(item('A', 'x', 1, NOW_S)));
    expect(held).toMatchObject([{ because: 'it could not be marked active: the state store throttles' }]);
    expect([books.held, sums(made)]).toEqual([1, []]);
  });

  test('comes again where its event time could not be stored in the end, as a repeat', async () => {
    const made = bench();
    let isEnd = false;
    const ports: EnginePorts = {
      ...made.ports,
      state: {
        ...made.ports.state,
        advance: (moves) => {
          const outcome = isEnd
            ? Promise.resolve(moves.map(() => 'throttled' as const))
            : made.ports.state.advance(moves);
          isEnd = !isEnd;
          return outcome;
        },
      },
    };
    const { held, books } = await engine(summing(true), ports).process(batch(item('A', 'x', 1, NOW_S)));
    expect(held).toMatchObject([{ because: 'its watermark could not be written: the state store throttles' }]);
    expect(books).toMatchObject({ in: 1, applied: 1, held: 0 });
    const again = await engine(summing(true), made.ports).process(batch(item('A', 'x', 1, NOW_S)));
    expect([again.books.duplicate, again.held, await watermarkOf(made)]).toEqual([1, [], ARRIVAL_MS]);
  });
});

test('a batch without records touches no store', async () => {
  const made = bench();
  let calls = 0;
  const count = <Answer>(call: () => Answer): Answer => {
    calls += 1;
    return call();
  };
  const { state } = made.ports;
  const ports: EnginePorts = {
    ...made.ports,
    state: {
      ...state,
      load: (addresses) =>
        addresses[0]?.collection === 'test/sum' ? count(() => state.load(addresses)) : state.load(addresses),
      write: (writes) => count(() => state.write(writes)),
      due: (collection, asked) => count(() => state.due(collection, asked)),
      progress: (collection, keys) =>
        collection === 'test/sum' ? count(() => state.progress(collection, keys)) : state.progress(collection, keys),
      advance: (moves) => count(() => state.advance(moves)),
    },
  };
  const { books, held, watermarkMs } = await engine(summing(true), ports).process([]);
  expect([books.in, held, watermarkMs, calls]).toEqual([0, [], undefined, 0]);
});

test('the watermark of a batch is the lowest of its partitions, those without event time left out', async () => {
  const made = bench();
  const far = item('C', 'x', 1, NOW_S + 10_000_000);
  const { watermarkMs } = await engine(summing(true), made.ports).process(
    batch(item('A', 'x', 1, NOW_S), item('B', 'x', 1, NOW_S - 60), far),
  );
  expect(watermarkMs).toBe(ARRIVAL_MS - MINUTE_MS);
  expect((await engine(summing(true), made.ports).process([delivered(9, far)])).watermarkMs).toBeUndefined();
  expect((await engine(summing(false), bench().ports).process(batch(far))).watermarkMs).toBeUndefined();
});
