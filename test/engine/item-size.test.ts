import { describe, expect, test } from '@jest/globals';
import { engine } from '../../shared/engine/engine.ts';
import { processor, type Processor } from '../../shared/processor/processor.ts';
import { MAX_ITEM_BYTES } from '../../shared/state/state-store.ts';
import { batch, bench, delivered, item, itemStream, stored, valuesOf } from '../support/engine-bench.ts';

const input = itemStream('in');
const out = itemStream('out');

/** Keeps a text that every record makes longer by as many characters as it says. */
const growing = (text = 'a', hasTimers = false): Processor =>
  processor({
    id: 'test/grow',
    from: input,
    to: { out },
    key: ({ key }) => key,
    initial: () => '',
    ...(hasTimers && {
      timers: { graceMs: 0, idleAfterMs: 600_000, whenIdle: 'fire-all' } as const,
      onTimer: () => ({}),
    }),
    step: ({ value, state }) => ({ state: state + text.repeat(value.n), emit: { out: [value] } }),
  });

const lengths = async (made: ReturnType<typeof bench>): Promise<Readonly<Record<string, number>>> =>
  Object.fromEntries(
    Object.entries(await stored(made.store, 'test/grow')).map(([key, text]) => [
      key,
      typeof text === 'string' ? text.length : 0,
    ]),
  );

describe('a state that would be larger than an item may be', () => {
  test.each([
    ['without timers', false],
    ['with timers', true],
  ])(
    'is a dead letter of the record that makes it so, in the same batch, with sizes and what to do; all others pass, %s',
    async (_, hasTimers) => {
      const made = bench();
      const { books, held } = await engine(growing('a', hasTimers), made.ports).process(
        batch(
          item('A', 'x', 300_000),
          item('A', 'x', 150_000),
          item('A', 'x', 5),
          item('A', 'y', 1),
          item('B', 'z', 1),
        ),
      );
      expect(held).toEqual([]);
      expect(books).toMatchObject({ in: 5, applied: 4, deadLettered: 1 });
      expect(made.outputs.letters).toMatchObject([{ reason: 'step-failed', sequenceNumber: '49000002' }]);
      expect(made.outputs.letters[0]?.error).toMatch(
        /^processor 'test\/grow': the item of state key 'x' would have 450\d{3} bytes, 450002 of them state; at most \d{6} are allowed: keep less/u,
      );
      expect(await lengths(made)).toEqual({ x: 300_005, y: 1, z: 1 });
      expect(valuesOf(made, 'out')).toHaveLength(4);
    },
  );

  test('counts bytes of UTF-8, not characters', async () => {
    const made = bench();
    const { books } = await engine(growing('€'), made.ports).process(
      batch(item('A', 'x', 130_000), item('A', 'x', 10_000)),
    );
    expect(books).toMatchObject({ applied: 1, deadLettered: 1 });
    expect(await lengths(made)).toEqual({ x: 130_000 });
  });

  test('never reaches the store: the largest that passes is one that it takes', async () => {
    // The store measures keys and ledger, too; whatever passes here must fit there.
    for (let n = MAX_ITEM_BYTES - 2_600; n < MAX_ITEM_BYTES; n += 173) {
      const made = bench();
      let isRefused = false;
      const { state } = made.ports;
      const ports = {
        ...made.ports,
        state: {
          ...state,
          write: async (writes: Parameters<typeof state.write>[0]) => {
            const outcomes = await state.write(writes);
            isRefused ||= outcomes.includes('too-large');
            return outcomes;
          },
        },
      };
      const { books } = await engine(growing(), ports).process(batch(item('A', 'x', n)));
      expect({ n, isRefused, sum: books.applied + books.deadLettered }).toEqual({ n, isRefused: false, sum: 1 });
    }
  });

  test('is found before anything is emitted for it, also where its timer makes its keys count twice', async () => {
    for (let n = MAX_ITEM_BYTES - 5_000; n < MAX_ITEM_BYTES; n += 499) {
      const made = bench();
      const timed = {
        ...growing('a', true),
        step: () => ({ state: 'a'.repeat(n), emit: { out: [item('A', 'x', 0)] }, timerMs: 7 }),
      };
      const long = item('p'.repeat(250), 'k'.repeat(500), 1);
      const { books, largestItemBytes } = await engine(timed, made.ports).process(batch(long));
      expect([books.applied, books.emitted]).toEqual(n < MAX_ITEM_BYTES - 4_060 ? [1, 1] : [0, 0]);
      expect(largestItemBytes).toBeLessThanOrEqual(MAX_ITEM_BYTES);
    }
  });

  test('stays as it is, so a record that makes it smaller passes', async () => {
    const made = bench();
    const resetting = {
      ...growing(),
      step: ({ value }: { readonly value: unknown }) => ({
        state: 'b'.repeat(Number(Reflect.get(Object(value), 'n'))),
      }),
    };
    await engine(resetting, made.ports).process(batch(item('A', 'x', 300_000)));
    const { books } = await engine(resetting, made.ports).process([delivered(2, item('A', 'x', 500_000))]);
    expect(books).toMatchObject({ deadLettered: 1 });
    expect(await lengths(made)).toEqual({ x: 300_000 });
    await engine(resetting, made.ports).process([delivered(3, item('A', 'x', 7))]);
    expect(await lengths(made)).toEqual({ x: 7 });
  });
});

describe.each([
  ['too-large', /would have \d+ bytes/u],
  ['refused', /the state store will never take the item of key 'x'/u],
] as const)('an item that the store answers with %s', (outcome, error) => {
  test('makes dead letters of its records in the same batch; other keys and partitions pass', async () => {
    const made = bench();
    made.intercept = (key) => (key === 'x' ? outcome : undefined);
    const { books, held } = await engine(growing(), made.ports).process(
      batch(item('A', 'w', 3), item('A', 'x', 1), item('A', 'x', 2), item('B', 'z', 5)),
    );
    expect(held).toEqual([]);
    expect(books).toMatchObject({ in: 4, applied: 2, deadLettered: 2 });
    expect(made.outputs.letters.map(({ sequenceNumber }) => sequenceNumber)).toEqual(['49000002', '49000003']);
    for (const letter of made.outputs.letters) expect(letter.error).toMatch(error);
    expect(await lengths(made)).toEqual({ w: 3, z: 5 });
  });

  test('does not stop event time in its partition', async () => {
    const made = bench();
    made.intercept = (key) => (key === 'x' ? outcome : undefined);
    const { watermarkMs } = await engine(growing('a', true), made.ports).process(batch(item('A', 'x', 1, 7)));
    expect(watermarkMs).toBe(7000);
  });

  test('holds the partition where the dead letters cannot be kept; what is written of it is known', async () => {
    const made = bench();
    made.intercept = (key) => (key === 'x' ? outcome : undefined);
    made.outputs.refusesLetters = true;
    const records = batch(item('A', 'w', 3), item('A', 'x', 1));
    const { books, held } = await engine(growing(), made.ports).process(records);
    expect(held).toMatchObject([{ sequenceNumber: '49000001', because: 'a dead letter of it could not be kept' }]);
    expect(books).toMatchObject({ in: 2, applied: 1, held: 1, deadLettered: 0 });
    made.outputs.refusesLetters = false;
    expect((await engine(growing(), made.ports).process(records)).books).toMatchObject({
      duplicate: 1,
      deadLettered: 1,
    });
  });

  test('does not book a repeat as a dead letter', async () => {
    const made = bench();
    await engine(growing(), made.ports).process(batch(item('A', 'x', 1)));
    made.intercept = (key) => (key === 'x' ? outcome : undefined);
    const { books } = await engine(growing(), made.ports).process(batch(item('A', 'x', 1), item('A', 'x', 2)));
    expect(books).toMatchObject({ duplicate: 1, deadLettered: 1 });
  });
});

describe('the largest item of a batch', () => {
  test('is reported with its key, state and ledger counted', async () => {
    const made = bench();
    const { largestItemBytes, largestItemKey } = await engine(growing(), made.ports).process(
      batch(item('A', 'small', 10), item('B', 'large', 200_000), item('A', 'small', 1)),
    );
    expect(largestItemKey).toBe('large');
    expect(largestItemBytes).toBeGreaterThanOrEqual(200_000);
    expect(largestItemBytes).toBeLessThan(200_200);
  });

  test('is one that was written', async () => {
    const made = bench();
    made.intercept = (key) => (key === 'large' ? 'throttled' : undefined);
    const { largestItemKey } = await engine(growing(), made.ports).process(
      batch(item('A', 'small', 10), item('B', 'large', 200_000)),
    );
    expect(largestItemKey).toBe('small');
  });

  test('is none where nothing was written', async () => {
    const made = bench();
    const records = batch(item('A', 'x', 1));
    await engine(growing(), made.ports).process(records);
    expect(await engine(growing(), made.ports).process(records)).toMatchObject({
      largestItemBytes: 0,
      largestItemKey: undefined,
    });
  });
});
