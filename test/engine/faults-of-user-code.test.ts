import { describe, expect, test } from '@jest/globals';
import { engine } from '../../shared/engine/engine.ts';
import { deleted, processor, type Processor, type TimerOptions } from '../../shared/processor/processor.ts';
import {
  batch,
  bench,
  delivered,
  item,
  itemStream,
  stored,
  valuesOf,
  withStep,
  type Item,
} from '../support/engine-bench.ts';

const input = itemStream('in');
const out = itemStream('out');

const TIMERS: TimerOptions = { graceMs: 0, idleAfterMs: 600_000, whenIdle: 'fire-all' };

/** A processor with state, and with timers, whose step is given. */
const keyed = (step: Parameters<typeof withStep>[1], hasTimers = false): Processor =>
  withStep(
    processor({
      id: 'test/keyed',
      from: input,
      to: { out },
      key: ({ key }) => key,
      initial: (): unknown => ({ sum: 0 }),
      ...(hasTimers && { timers: TIMERS, onTimer: () => ({}) }),
      step: () => ({}),
    }),
    step,
  );

/** What a step does with n = 13 is the mistake; other records add up. */
const mistaken =
  (mistake: () => unknown) =>
  ({ value, state }: { readonly value: unknown; readonly state: unknown }): unknown => {
    const n = Number(Reflect.get(Object(value), 'n'));
    return n === 13 ? mistake() : { state: { sum: Number(Reflect.get(Object(state), 'sum')) + n } };
  };

const circle = (): unknown => {
  const round: Record<string, unknown> = {};
  round['self'] = round;
  return round;
};

describe.each([
  ['without timers', false],
  ['with timers', true],
])('a state that cannot be stored, %s', (_, hasTimers) => {
  test.each<[string, () => unknown, RegExp]>([
    ['a BigInt', () => ({ at: { id: 7n } }), /\$\.at\.id is the BigInt 7/u],
    ['NaN', () => ({ mean: NaN }), /\$\.mean is NaN/u],
    ['Infinity', () => ({ max: [1, Infinity] }), /\$\.max\[1\] is Infinity/u],
    ['a Map', () => ({ seen: new Map() }), /\$\.seen is a Map/u],
    ['a Set', () => ({ seen: new Set() }), /\$\.seen is a Set/u],
    ['a Date', () => ({ at: new Date(0) }), /\$\.at is a Date/u],
    ['a circle', circle, /\$\.self is \$ again/u],
    ['a promise', () => ({ later: Promise.resolve(1) }), /\$\.later is a promise/u],
    ['a function', () => ({ run: () => 1 }), /\$\.run is a function/u],
    ['a bare BigInt', () => 7n, /\$ is the BigInt 7/u],
    ['a bare NaN', () => NaN, /\$ is NaN/u],
    ['a bare Map', () => new Map(), /\$ is a Map/u],
  ])(
    'because it has %s makes a dead letter of its record that names processor and place; neighbours pass',
    async (_name, bad, error) => {
      const made = bench();
      const described = keyed(
        mistaken(() => ({ state: bad(), emit: { out: [item('A', 'x', 0)] } })),
        hasTimers,
      );
      const { books, held } = await engine(described, made.ports).process(
        batch(item('A', 'x', 1), item('A', 'x', 13), item('A', 'x', 2), item('A', 'y', 4), item('B', 'z', 8)),
      );
      expect(held).toEqual([]);
      expect(books).toMatchObject({ in: 5, applied: 4, deadLettered: 1, emitted: 0 });
      expect(made.outputs.letters).toMatchObject([{ reason: 'step-failed', sequenceNumber: '49000002' }]);
      expect(made.outputs.letters[0]?.error).toMatch(
        /^processor 'test\/keyed' returned a state that cannot be stored: /u,
      );
      expect(made.outputs.letters[0]?.error).toMatch(error);
      expect(await stored(made.store, 'test/keyed')).toEqual({ x: { sum: 3 }, y: { sum: 4 }, z: { sum: 8 } });
    },
  );
});

test('a state that cannot be stored is found in the batch that makes it, also where its timer fires in the same batch', async () => {
  for (const bad of [NaN, 7n, new Map()]) {
    const made = bench();
    const alarm = withStep(
      processor({
        id: 'test/alarm',
        from: input,
        to: { out },
        key: ({ key }) => key,
        initial: () => 0,
        timers: TIMERS,
        step: () => ({}),
        onTimer: () => ({ emit: { out: [item('A', 'fired', 0)] } }),
      }),
      ({ value, timeMs }) => ({ state: Reflect.get(Object(value), 'n') === 13 ? bad : 1, timerMs: timeMs + 1000 }),
    );
    const { books } = await engine(alarm, made.ports).process(
      batch(item('A', 'x', 13, 0), item('A', 'y', 1, 1), item('A', 'z', 1, 100)),
    );
    expect(books).toMatchObject({ in: 3, applied: 2, deadLettered: 1 });
    expect(valuesOf(made, 'out')).toEqual([item('A', 'fired', 0)]);
  }
});

describe('an output that cannot be written', () => {
  test.each<[string, unknown, RegExp]>([
    ['is a BigInt inside', { ...item('A', 'x', 1), more: 7n }, /\$\.more is the BigInt 7/u],
    ['has NaN inside', { ...item('A', 'x', 1), at: NaN }, /\$\.at is NaN|time/u],
    ['is a promise', Promise.resolve(item('A', 'x', 1)), /promise|event time/u],
    ['is undefined', undefined, /undefined/u],
    ['is not what its codec lets in', { lane: 'A', at: 0 }, /not a item/u],
  ])('because it %s makes a dead letter of its record; nothing of the answer is taken', async (_, bad, error) => {
    const made = bench();
    const described = keyed(mistaken(() => ({ state: { sum: 99 }, emit: { out: [item('A', 'good', 0), bad] } })));
    const { books } = await engine(described, made.ports).process(batch(item('A', 'x', 13), item('A', 'x', 2)));
    expect(books).toMatchObject({ in: 2, applied: 1, deadLettered: 1, emitted: 0 });
    expect(made.outputs.letters[0]?.error).toMatch(error);
    expect(await stored(made.store, 'test/keyed')).toEqual({ x: { sum: 2 } });
  });
});

describe('a mistake in what a step answers', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['no answer', () => undefined, /a step returns an object, got undefined; return \{\}/u],
    ['null', () => null, /a step returns an object, got null/u],
    ['a number', () => 7, /a step returns an object, got 7/u],
    ['an outcome in capitals', () => ({ outcome: 'Filtered' }), /outcome must be 'applied', .* got "Filtered"/u],
    ['an outcome of the books', () => ({ outcome: 'held' }), /outcome must be .* got "held"/u],
    [
      'an output that it does not have',
      () => ({ emit: { nowhere: [] } }),
      /emitted to 'nowhere', .* its outputs: 'out'/u,
    ],
    [
      'one value in place of a list',
      () => ({ emit: { out: item('A', 'x', 1) } }),
      /emit\.out must be a list of values/u,
    ],
    ['a list in place of outputs', () => ({ emit: [item('A', 'x', 1)] }), /emit must be an object of lists/u],
    ['a time that is text', () => ({ timerMs: 'soon' }), /a timer is due at a whole number/u],
    [
      'a timer in a processor without timers',
      () => ({ timerMs: 1000 }),
      /processor 'test\/keyed': a step returned timerMs 1000 .* give 'timers' and 'onTimer'/u,
    ],
    ['a promise', () => Promise.resolve({ state: 5 }), /a step is synchronous and cannot return a promise/u],
    ['a promise that is rejected later', () => Promise.reject(new Error('late')), /cannot return a promise/u],
  ])('such as %s is a dead letter; neighbours pass', async (_, mistake, error) => {
    const made = bench();
    const { books, held } = await engine(keyed(mistaken(mistake)), made.ports).process(
      batch(item('A', 'x', 1), item('A', 'x', 13), item('A', 'x', 2), item('B', 'z', 8)),
    );
    expect(held).toEqual([]);
    expect(books).toMatchObject({ in: 4, applied: 3, deadLettered: 1 });
    expect(made.outputs.letters[0]?.error).toMatch(error);
    expect(await stored(made.store, 'test/keyed')).toEqual({ x: { sum: 3 }, z: { sum: 8 } });
  });

  test('a processor without state has no timers either', async () => {
    const made = bench();
    const described = withStep(
      processor({ id: 'test/bare', from: input, to: { out }, step: () => ({}) }),
      ({ value }) => (Reflect.get(Object(value), 'n') === 13 ? { timerMs: 1000, emit: { out: [value] } } : {}),
    );
    const { books } = await engine(described, made.ports).process(batch(item('A', 'x', 13), item('A', 'x', 2)));
    expect(books).toMatchObject({ in: 2, applied: 1, deadLettered: 1, emitted: 0 });
    expect(made.outputs.letters).toMatchObject([
      { reason: 'step-failed', error: expect.stringMatching(/processor 'test\/bare': .* timerMs 1000/u) },
    ]);
  });

  test("'none' asks for no timer, so it may be answered without timers", async () => {
    const made = bench();
    const { books } = await engine(keyed(mistaken(() => ({ state: { sum: 1 }, timerMs: 'none' }))), made.ports).process(
      batch(item('A', 'x', 13), item('A', 'x', 2)),
    );
    expect(books).toMatchObject({ applied: 2, deadLettered: 0 });
    expect(await stored(made.store, 'test/keyed')).toEqual({ x: { sum: 3 } });
  });

  test.each<[string, unknown, string]>([
    ['a symbol', Symbol('odd'), 'Symbol(odd)'],
    ['nothing', undefined, 'undefined'],
    ['an object that has no text', Object.create(null), ''],
    [
      'an object whose text throws',
      {
        toString: () => {
          throw new Error('no text');
        },
      },
      '',
    ],
    ['an error whose message is no text', Object.assign(new Error('x'), { message: 42 }), '42'],
  ])('a step may throw %s: its record is a dead letter whose error is text', async (_, thrown, error) => {
    const made = bench();
    const { books } = await engine(
      keyed(
        mistaken(() => {
          throw thrown;
        }),
      ),
      made.ports,
    ).process(batch(item('A', 'x', 13), item('A', 'x', 2)));
    expect(books).toMatchObject({ applied: 1, deadLettered: 1 });
    expect(made.outputs.letters).toMatchObject([{ error: expect.stringContaining(error) }]);
  });
});

describe('what a step does to the state it was given', () => {
  const changing = (hasTimers: boolean): Processor =>
    keyed(({ value, state }) => {
      const one = typeof state === 'object' && state !== null ? state : {};
      const n = Number(Reflect.get(Object(value), 'n'));
      Reflect.set(one, 'sum', Number(Reflect.get(one, 'sum')) + n);
      if (n === 13) throw new Error('thirteen');
      return {
        state: one,
        emit: { out: [{ ...item('A', 'x', Number(Reflect.get(one, 'sum'))), lane: n === 4 ? 'bad' : 'A' }] },
      };
    }, hasTimers);

  test.each([false, true])('is undone when it throws, with timers: %p', async (hasTimers) => {
    const made = bench();
    const worker = engine(changing(hasTimers), made.ports);
    await worker.process(batch(item('A', 'x', 1)));
    const records = [2, 13, 8].map((n, index) => delivered(index + 2, item('A', 'x', n)));
    const { books } = await worker.process(records);
    expect(books).toMatchObject({ applied: 2, deadLettered: 1 });
    await worker.process([delivered(5, item('A', 'x', 16))]);
    expect(await stored(made.store, 'test/keyed')).toEqual({ x: { sum: 27 } });
    expect(valuesOf(made, 'out')).toMatchObject([{ n: 1 }, { n: 3 }, { n: 11 }, { n: 27 }]);
  });

  test.each([false, true])(
    'is undone when the partition is folded again without an output that can never be written, with timers: %p',
    async (hasTimers) => {
      const made = bench();
      const worker = engine(changing(hasTimers), made.ports);
      await worker.process(batch(item('A', 'x', 1)));
      made.outputs.fails = (delivery) =>
        delivery.kind === 'stream' && delivery.partitionKey === 'bad' ? 'no' : undefined;
      const records = [2, 4, 8].map((n, index) => delivered(index + 2, item('A', 'x', n)));
      const { books } = await worker.process(records);
      expect(books).toMatchObject({ in: 3, applied: 2, deadLettered: 1 });
      expect(await stored(made.store, 'test/keyed')).toEqual({ x: { sum: 11 } });
    },
  );

  test('is undone when the partition is held', async () => {
    const made = bench();
    const worker = engine(changing(true), made.ports);
    await worker.process(batch(item('A', 'x', 1)));
    made.outputs.refuses = () => true;
    await worker.process([delivered(2, item('A', 'x', 2))]);
    made.outputs.refuses = () => false;
    await worker.process([delivered(2, item('A', 'x', 2))]);
    expect(await stored(made.store, 'test/keyed')).toEqual({ x: { sum: 3 } });
  });

  test('is not seen by another key, even where initial hands out one object', async () => {
    const made = bench();
    const shared = { sum: 0 };
    const described = processor({
      id: 'test/shared',
      from: input,
      to: {},
      key: ({ key }) => key,
      initial: () => shared,
      step: ({ state, value }) => {
        state.sum += value.n;
        return { state };
      },
    });
    await engine(described, made.ports).process(batch(item('A', 'x', 1), item('A', 'y', 2), item('B', 'z', 4)));
    expect(await stored(made.store, 'test/shared')).toEqual({ x: { sum: 1 }, y: { sum: 2 }, z: { sum: 4 } });
    expect(shared).toEqual({ sum: 0 });
  });
});

describe('user code beside the step', () => {
  const boom = (): never => {
    throw new Error('boom');
  };
  const isBad = (value: unknown): boolean => Reflect.get(Object(value), 'n') === 13;
  const base = processor({
    id: 'test/base',
    from: input,
    to: { out },
    key: ({ key }) => key,
    initial: () => 0,
    step: ({ value }) => ({ state: value.n, emit: { out: [value] } }),
  });
  const goodKey = (value: unknown): string => String(Reflect.get(Object(value), 'key'));

  test.each<[string, Processor]>([
    [
      'key',
      {
        ...base,
        keyed: { version: 1, fanIn: false, initial: () => 0, key: (value) => (isBad(value) ? boom() : goodKey(value)) },
      },
    ],
    [
      'initial',
      {
        ...base,
        keyed: { version: 1, fanIn: false, key: goodKey, initial: boom },
        step: ({ value, state }) => (isBad(value) ? { state } : { state: 1 }),
      },
    ],
    [
      'partitionKey of an output',
      { ...base, to: { out: { ...out, partitionKey: (value) => (isBad(value) ? boom() : 'A') } } },
    ],
    [
      'eventTimeMs of an output',
      { ...base, to: { out: { ...out, eventTimeMs: (value) => (isBad(value) ? boom() : 0) } } },
    ],
    [
      'idOf of an output',
      { ...base, to: { out: { ...out, idOf: (value) => (isBad(value) ? boom() : goodKey(value)) } } },
    ],
  ])('%s: what throws is the fault of the record that caused it, and of no other', async (name, described) => {
    const made = bench();
    const records = batch(item('A', 'x', 1), item('A', 'y', 13), item('B', 'z', 8));
    // `initial` runs for every key that has no state yet, so every one of them may fail: the batch must not.
    const { books, held } = await engine(described, made.ports).process(records);
    expect(held).toEqual([]);
    expect(books.in).toBe(3);
    if (name !== 'initial') expect(books).toMatchObject({ applied: 2, deadLettered: 1 });
    expect(made.outputs.letters[0]).toMatchObject({ reason: 'step-failed', error: 'boom' });
  });

  test.each<[string, (value: Item) => unknown]>([
    ['undefined', () => undefined],
    ['a number', () => 7],
    ['a promise', () => Promise.resolve('x')],
  ])('a key that is %s is the fault of its record', async (_, key) => {
    const made = bench();
    const described = processor({
      id: 'test/key',
      from: input,
      to: {},
      // @ts-expect-error: a key of plain JavaScript may be anything.
      key,
      initial: () => 0,
      step: () => ({ state: 1 }),
    });
    const { books } = await engine(described, made.ports).process(batch(item('A', 'x', 1)));
    expect(books).toMatchObject({ deadLettered: 1 });
    expect(made.outputs.letters[0]?.error).toMatch(/^processor 'test\/key': key\(value\) must return text, got /u);
  });

  test('the name of a timer that throws is the fault of the timer, not of the batch', async () => {
    const made = bench();
    const described = processor({
      id: 'test/timer-key',
      from: input,
      to: {},
      key: ({ key }) => key,
      initial: () => 0,
      timers: TIMERS,
      timerKey: boom,
      step: ({ value }) => (value.n === 13 ? { state: 1, timerMs: value.at + 1 } : { state: 1 }),
      onTimer: () => ({}),
    });
    const { books } = await engine(described, made.ports).process(batch(item('A', 'x', 13, 0), item('A', 'y', 1, 100)));
    expect(books).toMatchObject({ in: 2, applied: 2 });
    expect(made.outputs.letters.map(({ error }) => error)).toEqual(['boom']);
  });

  test('what a timer does with a state that has no text is the fault of the timer, and the next timer fires', async () => {
    const made = bench();
    const described = processor({
      id: 'test/closing',
      from: input,
      to: { out },
      key: ({ key }) => key,
      initial: () => ({ n: 0 }),
      timers: TIMERS,
      step: ({ value }) => ({ state: { n: value.n }, timerMs: value.at + 1000 }),
      onTimer: ({ state, key }) => {
        if (state.n === 13) return { state: { n: NaN } };
        return { state: deleted, emit: { out: [item('A', key, state.n)] } };
      },
    });
    const worker = engine(described, made.ports);
    await worker.process(batch(item('A', 'x', 13, 0), item('A', 'y', 1, 1), item('A', 'z', 1, 100)));
    expect(made.outputs.letters).toMatchObject([
      { lane: 'timer@A/x', sequenceNumber: '', error: expect.stringMatching(/cannot be stored: \$\.n is NaN/u) },
    ]);
    expect(valuesOf(made, 'out')).toEqual([item('A', 'y', 1)]);
    expect(await stored(made.store, 'test/closing')).toMatchObject({ x: { n: 13 }, y: null });
  });
});

describe('a dead letter that could not be kept', () => {
  test.each([
    ['without timers', false],
    ['with timers', true],
  ])('holds its partition, of which nothing is written; others pass, %s', async (_, hasTimers) => {
    const made = bench();
    made.outputs.refusesLetters = true;
    const described = keyed(
      mistaken(() => {
        throw new Error('thirteen');
      }),
      hasTimers,
    );
    const records = batch(item('A', 'x', 1), item('A', 'y', 13), item('B', 'z', 8));
    const { books, held } = await engine(described, made.ports).process(records);
    expect(held).toEqual([
      { partitionKey: 'A', sequenceNumber: '49000001', because: 'a dead letter of it could not be kept' },
    ]);
    expect(books).toMatchObject({ in: 3, applied: 1, held: 2, deadLettered: 0 });
    made.outputs.refusesLetters = false;
    expect((await engine(described, made.ports).process(records)).books).toMatchObject({
      applied: 1,
      deadLettered: 1,
      duplicate: 1,
    });
    expect(await stored(made.store, 'test/keyed')).toEqual({ x: { sum: 1 }, y: null, z: { sum: 8 } });
  });

  test('counts once when its record comes again: the ledger knows it', async () => {
    const made = bench();
    const described = keyed(
      mistaken(() => {
        throw new Error('thirteen');
      }),
    );
    const records = batch(item('A', 'x', 13), item('A', 'x', 1));
    await engine(described, made.ports).process(records);
    const { books } = await engine(described, made.ports).process(records);
    expect(books).toMatchObject({ duplicate: 2, deadLettered: 0 });
    expect(made.outputs.letters).toHaveLength(1);
  });
});
