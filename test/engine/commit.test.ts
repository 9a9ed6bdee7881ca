import { describe, expect, test } from '@jest/globals';
import { engine, type Engine } from '../../shared/engine/engine.ts';
import type { EnginePorts } from '../../shared/engine/ports.ts';
import { processor, type FaultPolicy, type Processor } from '../../shared/processor/processor.ts';
import type { WriteOutcome } from '../../shared/state/state-store.ts';
import type { DeliveredRecord } from '../../shared/stream/delivered-record.ts';
import {
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
const IDLE_MS = 600_000;

interface Options {
  readonly hasTimers?: boolean;
  readonly onFault?: FaultPolicy;
}

/** Sums per key and emits every sum; n = 13 throws while the sum is 0. */
const summing = ({ hasTimers = false, onFault = 'dead-letter' }: Options = {}): Processor =>
  processor({
    id: 'test/sum',
    from: input,
    to: { out },
    onFault,
    key: ({ key }) => key,
    initial: () => 0,
    ...(hasTimers && {
      timers: { graceMs: 0, idleAfterMs: IDLE_MS, whenIdle: 'fire-all' } as const,
      onTimer: () => ({}),
    }),
    step: ({ value, state }) => {
      if (value.n === 13 && state === 0) throw new Error('thirteen');
      return { state: state + value.n, emit: { out: [{ ...value, n: state + value.n }] } };
    },
  });

/** Ports under which another environment works before the n-th call of `point`, once. */
const raced = (
  made: Bench,
  point: 'write' | 'deliver' | 'advance',
  nth: number,
  work: () => Promise<unknown>,
): EnginePorts => {
  let calls = 0;
  const before = async (): Promise<void> => {
    calls += 1;
    if (calls === nth) await work();
  };
  const { state, outputs } = made.ports;
  return {
    ...made.ports,
    state: {
      ...state,
      ...(point === 'write' && {
        write: async (writes) => {
          await before();
          return state.write(writes);
        },
      }),
      ...(point === 'advance' && {
        advance: async (progress) => {
          await before();
          return state.advance(progress);
        },
      }),
    },
    outputs: {
      ...outputs,
      ...(point === 'deliver' && {
        deliver: async (deliveries) => {
          await before();
          return outputs.deliver(deliveries);
        },
      }),
    },
  };
};

describe.each([
  ['without timers', false],
  ['with timers', true],
])('a second writer of warm items, %s', (_, hasTimers) => {
  const start = async (records: (other: Engine) => Promise<unknown>): Promise<{ made: Bench; first: Engine }> => {
    const made = bench();
    const other = engine(summing({ hasTimers }), made.ports);
    const first = engine(
      summing({ hasTimers }),
      raced(made, 'write', 2, () => records(other)),
    );
    await first.process(batch(item('A', 'x', 1), item('A', 'y', 1)));
    return { made, first };
  };

  test('wins: what loses is read again, folded on what the winner wrote, and needs one more round', async () => {
    const { made, first } = await start((other) => other.process([delivered(3, item('A', 'x', 2))]));
    const { books, held, conflicts } = await first.process([
      delivered(3, item('A', 'x', 2)),
      delivered(4, item('A', 'x', 4)),
    ]);
    expect([held, conflicts]).toEqual([[], 1]);
    expect(books).toMatchObject({ in: 2, applied: 1, duplicate: 1 });
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 7, y: 1 });
  });

  test('costs only the keys that it changed a second round', async () => {
    const { made, first } = await start((other) => other.process([delivered(3, item('A', 'x', 2))]));
    const writes: string[] = [];
    made.intercept = (key) => {
      writes.push(key);
      return undefined;
    };
    const { books } = await first.process([
      delivered(3, item('A', 'x', 2)),
      delivered(4, item('A', 'y', 4)),
      delivered(5, item('A', 'x', 8)),
    ]);
    expect(books).toMatchObject({ in: 3, applied: 2, duplicate: 1 });
    // The other environment wrote x; then x was lost and y written; then x again.
    expect(writes).toEqual(['x', 'x', 'y', 'x']);
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 11, y: 5 });
  });

  test('does not make good what has a dead letter since the first round: what a letter says was not applied is not', async () => {
    const made = bench();
    const other = engine(summing({ hasTimers }), made.ports);
    const first = engine(
      summing({ hasTimers }),
      raced(made, 'write', 1, () => other.process([delivered(1, item('A', 'x', 1))])),
    );
    // Thirteen fails on the state of before; on that of the other writer it would not.
    const records = [
      delivered(1, item('A', 'y', 1)),
      delivered(2, item('A', 'x', 13)),
      delivered(3, item('A', 'x', 2)),
    ];
    const { books, conflicts } = await first.process(records);
    expect(conflicts).toBe(1);
    expect(books).toMatchObject({ in: 3, applied: 2, deadLettered: 1 });
    expect(made.outputs.letters.map(({ sequenceNumber }) => sequenceNumber)).toContain('49000002');
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 3, y: 1 });
    expect((await first.process(records)).books).toMatchObject({ in: 3, duplicate: 3 });
  });

  test('that has applied the same record leaves it a dead letter of the first round, whose redrive is a repeat', async () => {
    const made = bench();
    const record = delivered(2, item('A', 'x', 13));
    const other = engine(summing({ hasTimers }), made.ports);
    const both = async (): Promise<void> => {
      await other.process([delivered(1, item('A', 'x', 1)), record]);
    };
    const first = engine(summing({ hasTimers }), raced(made, 'write', 1, both));
    const { books } = await first.process([record]);
    expect(books).toMatchObject({ in: 1, duplicate: 1, deadLettered: 0 });
    // It names the origin that the ledger knows, so giving it to the processor again changes nothing.
    expect(made.outputs.letters).toMatchObject([{ lane: 'in@A', position: '0849000002' }]);
    expect((await first.process([record])).books).toMatchObject({ duplicate: 1 });
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 14 });
  });
});

test('what another environment commits in part is not emitted from by one that is warm, although event time stood still', async () => {
  const made = bench();
  const warm = engine(summing({ hasTimers: true }), made.ports);
  const other = engine(summing({ hasTimers: true }), made.ports);
  await warm.process(batch(item('A', 'x', 1, 5), item('A', 'y', 1, 5)));
  made.intercept = (key) => (key === 'y' ? 'throttled' : undefined);
  const { held } = await other.process([delivered(3, item('A', 'x', 2, 5)), delivered(4, item('A', 'y', 2, 5))]);
  expect(held).toHaveLength(1);
  // The batch is given up here, so no retry of it ever comes.
  made.intercept = () => undefined;
  await warm.process([delivered(5, item('A', 'x', 4, 5))]);
  expect(valuesOf(made, 'out').at(-1)).toMatchObject({ key: 'x', n: 7 });
  expect(await stored(made.store, 'test/sum')).toEqual({ x: 7, y: 1 });
});

describe('a round', () => {
  test('that loses every time is given up after six, and its keys are held', async () => {
    const made = bench();
    let rounds = 0;
    made.intercept = (key) => {
      if (key !== 'x') return undefined;
      rounds += 1;
      return 'conflict';
    };
    const { held, conflicts, books } = await engine(summing(), made.ports).process(
      batch(item('A', 'y', 2), item('A', 'x', 1), item('A', 'x', 1)),
    );
    expect([rounds, conflicts]).toEqual([6, 6]);
    expect(held).toEqual([
      { partitionKey: 'A', sequenceNumber: '49000002', because: 'other writers keep winning its keys' },
    ]);
    expect(books).toMatchObject({ in: 3, applied: 1, held: 2 });
  });

  test('commits nothing that was not emitted in the same round', async () => {
    const made = bench();
    const log: string[] = [];
    // x loses in the first round; in the second its output is refused, so x must not be written.
    let deliveries = 0;
    made.outputs.refuses = ({ partitionKey }) => {
      if (partitionKey === 'A') deliveries += 1;
      return deliveries > 1;
    };
    let writes = 0;
    made.intercept = (key) => {
      log.push(key);
      if (key !== 'x') return undefined;
      writes += 1;
      return writes === 1 ? 'conflict' : undefined;
    };
    const { books, held } = await engine(summing(), made.ports).process(batch(item('A', 'y', 2), item('A', 'x', 1)));
    expect(log).toEqual(['y', 'x']);
    expect(books).toMatchObject({ in: 2, applied: 1, held: 1 });
    expect(held).toHaveLength(1);
    expect(await stored(made.store, 'test/sum')).toEqual({ y: 2 });
  });

  test('that folds a key again keeps what was held before: a throttled neighbour is not written later', async () => {
    const made = bench();
    const outcomes: Record<string, (WriteOutcome | undefined)[]> = { x: ['throttled'], y: ['conflict'] };
    made.intercept = (key) => outcomes[key]?.shift();
    const { books, held } = await engine(summing(), made.ports).process(batch(item('A', 'x', 1), item('A', 'y', 2)));
    expect(books).toMatchObject({ in: 2, applied: 1, held: 1 });
    expect(held).toEqual([
      { partitionKey: 'A', sequenceNumber: '49000001', because: "the state store throttles key 'x'" },
    ]);
    expect(await stored(made.store, 'test/sum')).toEqual({ y: 2 });
  });

  test('does not pass the record that holds the partition, also when a key is folded again', async () => {
    const made = bench();
    const outcomes: Record<string, (WriteOutcome | undefined)[]> = { x: ['conflict'] };
    made.intercept = (key) => outcomes[key]?.shift();
    const { books, held } = await engine(summing({ onFault: 'hold' }), made.ports).process(
      batch(item('A', 'x', 1), item('A', 'y', 13), item('A', 'x', 2)),
    );
    expect(held.map(({ sequenceNumber }) => sequenceNumber)).toEqual(['49000002']);
    expect(books).toMatchObject({ in: 3, applied: 1, held: 2 });
    expect(emitted(made.outputs, 'out').map(({ origin }) => origin)).toEqual([
      'in@A;test/sum 0849000001.010',
      'in@A;test/sum 0849000001.010',
    ]);
  });
});

describe('a key that the store throttles', () => {
  const throttledY = async (
    hasTimers: boolean,
    records: readonly DeliveredRecord[],
  ): Promise<{ made: Bench; held: readonly unknown[] }> => {
    const made = bench();
    made.intercept = (key) => (key === 'y' ? 'throttled' : undefined);
    const { held } = await engine(summing({ hasTimers }), made.ports).process(records);
    return { made, held };
  };
  const records = batch(item('A', 'x', 1), item('A', 'y', 2), item('A', 'y', 4), item('B', 'z', 8));

  test('has its partition delivered again from its first record on', async () => {
    const { made, held } = await throttledY(false, records);
    expect(held).toEqual([
      { partitionKey: 'A', sequenceNumber: '49000002', because: "the state store throttles key 'y'" },
    ]);
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 1, z: 8 });
  });

  test('has all of its partition delivered again where event time hangs on it', async () => {
    const { made, held } = await throttledY(true, records);
    expect(held).toMatchObject([{ partitionKey: 'A', sequenceNumber: '49000001' }]);
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 1, z: 8 });
  });

  test('does not let event time go on in its partition', async () => {
    const { made } = await throttledY(true, [
      delivered(1, item('A', 'x', 1, 50)),
      delivered(2, item('A', 'y', 2, 60)),
      delivered(3, item('B', 'z', 1, 70)),
    ]);
    const progress = await made.store.progress('test/sum', ['A', 'B']);
    expect(progress.map(({ watermarkMs }) => watermarkMs)).toEqual([-Infinity, 70_000]);
  });
});

describe('a batch that takes longer than a third of idleAfterMs', () => {
  const slow = (made: Bench, point: 'load' | 'deliver', ms: number): EnginePorts => ({
    ...made.ports,
    state: {
      ...made.ports.state,
      load: (addresses) => {
        if (point === 'load' && addresses[0]?.collection === 'test/sum') made.clockMs += ms;
        return made.ports.state.load(addresses);
      },
    },
    outputs: {
      ...made.ports.outputs,
      deliver: async (deliveries) => {
        const outcomes = await made.ports.outputs.deliver(deliveries);
        if (point === 'deliver') made.clockMs += ms;
        return outcomes;
      },
    },
  });

  test.each([
    ['load', 0],
    ['deliver', 1],
  ] as const)('until the end of %s is given up: nothing is committed, and emitted are %i', async (point, count) => {
    const made = bench();
    const { held, books } = await engine(summing({ hasTimers: true }), slow(made, point, IDLE_MS / 3 + 1)).process(
      batch(item('A', 'x', 1)),
    );
    expect(held).toMatchObject([{ sequenceNumber: '49000001', because: expect.stringContaining('took so long') }]);
    expect(books).toMatchObject({ in: 1, held: 1 });
    expect(valuesOf(made, 'out')).toHaveLength(count);
    expect(await stored(made.store, 'test/sum')).toEqual({});
  });

  test.each(['load', 'deliver'] as const)(
    'is only one that takes longer: one that ends %s just in time is committed',
    async (point) => {
      const made = bench();
      const { books } = await engine(summing({ hasTimers: true }), slow(made, point, IDLE_MS / 3)).process(
        batch(item('A', 'x', 1)),
      );
      expect(books).toMatchObject({ applied: 1, held: 0 });
    },
  );

  test('is no limit for a processor that has no timers', async () => {
    const made = bench();
    const { books } = await engine(summing(), slow(made, 'deliver', 10 * IDLE_MS)).process(batch(item('A', 'x', 1)));
    expect(books).toMatchObject({ applied: 1, held: 0 });
  });
});

test('a partition that cannot be marked active is held, and nothing of it is emitted', async () => {
  const made = bench();
  const { state } = made.ports;
  const ports: EnginePorts = {
    ...made.ports,
    state: {
      ...state,
      advance: (progress) =>
        Promise.all(
          progress.map(async (one) =>
            one.partitionKey === 'A' ? 'throttled' : ((await state.advance([one]))[0] ?? 'throttled'),
          ),
        ),
    },
  };
  const { held, books } = await engine(summing({ hasTimers: true }), ports).process(
    batch(item('A', 'x', 1), item('B', 'z', 8)),
  );
  expect(held).toMatchObject([
    { partitionKey: 'A', because: 'it could not be marked active: the state store throttles' },
  ]);
  expect(books).toMatchObject({ in: 2, applied: 1, held: 1 });
  expect(valuesOf(made, 'out')).toEqual([item('B', 'z', 8)]);
});

test('event time that could not be stored has the partition delivered again, and the ledger knows its records', async () => {
  const made = bench();
  const { state } = made.ports;
  let calls = 0;
  const ports: EnginePorts = {
    ...made.ports,
    state: {
      ...state,
      advance: (progress) => {
        calls += 1;
        return calls === 2 ? Promise.resolve(progress.map(() => 'throttled')) : state.advance(progress);
      },
    },
  };
  const worker = engine(summing({ hasTimers: true }), ports);
  const first = await worker.process(batch(item('A', 'x', 1, 5)));
  expect(first.held).toMatchObject([
    { sequenceNumber: '49000001', because: expect.stringContaining('its watermark could not be written') },
  ]);
  const { books, held, watermarkMs } = await worker.process(batch(item('A', 'x', 1, 5)));
  expect([held, watermarkMs]).toEqual([[], 5000]);
  expect(books).toMatchObject({ duplicate: 1 });
});

test('event time never goes back, also when another environment was further', async () => {
  const made = bench();
  const other = engine(summing({ hasTimers: true }), made.ports);
  const first = engine(
    summing({ hasTimers: true }),
    raced(made, 'advance', 2, () => other.process([delivered(2, item('A', 'y', 1, 90))])),
  );
  await first.process([delivered(1, item('A', 'x', 1, 5))]);
  expect((await made.store.progress('test/sum', ['A'])).map(({ watermarkMs }) => watermarkMs)).toEqual([90_000]);
});

test('progress is read before items, or a record would be late by what it is already in', async () => {
  const made = bench();
  const calls: string[] = [];
  const { state } = made.ports;
  const ports: EnginePorts = {
    ...made.ports,
    state: {
      ...state,
      load: async (addresses) => {
        if (addresses[0]?.collection === 'test/sum') calls.push('load');
        return state.load(addresses);
      },
      progress: async (collection, keys) => {
        await Promise.resolve();
        if (collection === 'test/sum') calls.push('progress');
        return state.progress(collection, keys);
      },
    },
  };
  await engine(summing({ hasTimers: true }), ports).process(batch(item('A', 'x', 1)));
  expect(calls).toEqual(['progress', 'load']);
});
