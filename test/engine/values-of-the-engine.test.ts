import { describe, expect, test } from '@jest/globals';
import { json } from '../../shared/codec/json.ts';
import { BOOK_COLUMNS, addTo, missing, newTally } from '../../shared/engine/books.ts';
import { isDeadLetter, type DeadLetter } from '../../shared/engine/dead-letter.ts';
import { engine } from '../../shared/engine/engine.ts';
import { MAX_STATE_BYTES, shown, tooLarge } from '../../shared/engine/limits.ts';
import type { EnginePorts } from '../../shared/engine/ports.ts';
import { ReachedTimes } from '../../shared/engine/reached-times.ts';
import { processor, type Processor } from '../../shared/processor/processor.ts';
import { rowOf, table } from '../../shared/processor/table.ts';
import { batch, delivered, bench, item, itemStream, stored, valuesOf, type Item } from '../support/engine-bench.ts';

const input = itemStream('in');
const out = itemStream('out');

const counting = (more: Partial<Processor> = {}): Processor => ({
  ...processor({
    id: 'test/count',
    from: input,
    to: { out },
    key: ({ key }) => key,
    initial: () => 0,
    step: ({ state, value }) => ({ state: state + 1, emit: { out: [value] } }),
  }),
  ...more,
});

describe('books', () => {
  test('balance where every record in is in one column, whichever', () => {
    for (const column of BOOK_COLUMNS) {
      if (column === 'in' || column === 'emitted') continue;
      expect(missing({ ...newTally(), in: 5, [column]: 5 })).toBe(0);
      expect(missing({ ...newTally(), in: 5, [column]: 3 })).toBe(2);
      expect(missing({ ...newTally(), in: 3, [column]: 5 })).toBe(-2);
    }
    expect(missing({ ...newTally(), emitted: 7 })).toBe(0);
  });

  test('are added column by column', () => {
    const tally = newTally();
    for (const column of BOOK_COLUMNS) addTo(tally, { ...newTally(), [column]: 2 });
    for (const column of BOOK_COLUMNS) expect(tally[column]).toBe(2);
  });
});

describe('the bytes of an item', () => {
  test('are said in an error with those of the state, and what is allowed', () => {
    const error = tooLarge('test/count', 'k', '€€', 400_000);
    expect(error).toContain("the item of state key 'k' would have 400000 bytes, 6 of them state");
    expect(error).toContain(`at most ${String(MAX_STATE_BYTES)} are allowed`);
    expect(tooLarge('test/count', 'k', undefined, 400_000)).toContain('0 of them state');
  });
});

test.each([
  [undefined, 'undefined'],
  [null, 'null'],
  [7, '7'],
  [true, 'true'],
  ['a"', '"a\\""'],
  ['x'.repeat(200), `"${'x'.repeat(100)}"`],
  [[1], '[object Array]'],
  [{}, '[object Object]'],
  [Promise.resolve(1), 'a promise'],
])('an error shows %p so that it can be read', (value, expected) => {
  expect(shown(value)).toBe(expected);
});

test('event time of what was emitted is kept where it is newer than all before it, with its place', () => {
  const reached = new ReachedTimes();
  for (const [at, timeMs] of [
    [0, 5],
    [1, 3],
    [2, 7],
    [3, 6],
    [4, 7],
    [-1, 9],
  ] as const)
    reached.enter('s', at, timeMs);
  reached.enter('t', 0, -1);
  expect(reached.byStream).toEqual(
    new Map([
      ['s', { at: [0, 2, -1], timesMs: [5, 7, 9] }],
      ['t', { at: [0], timesMs: [-1] }],
    ]),
  );
});

describe('a dead letter', () => {
  const letter: DeadLetter = {
    processor: 'p',
    stream: 's',
    partitionKey: 'A',
    sequenceNumber: '1',
    lane: 'l',
    position: '01',
    payload: '',
    reason: 'step-failed',
    error: 'e',
  };

  test.each(Object.keys(letter))('has a %s, or is none', (name) => {
    expect(isDeadLetter(letter)).toBe(true);
    expect(isDeadLetter({ ...letter, [name]: undefined })).toBe(false);
    expect(isDeadLetter({ ...letter, [name]: 7 })).toBe(false);
  });

  test.each([null, undefined, 'text', []])('is not %p', (value) => {
    expect(isDeadLetter(value)).toBe(false);
  });

  test('says where a step threw, and of what is no error only what it is', async () => {
    const failing = (thrown: unknown): Processor =>
      counting({
        step: () => {
          throw thrown;
        },
      });
    const lettersOf = async (thrown: unknown): Promise<readonly DeadLetter[]> => {
      const made = bench();
      await engine(failing(thrown), made.ports).process(batch(item('A', 'x', 1)));
      return made.outputs.letters;
    };
    const [ofError] = await lettersOf(new TypeError('bad'));
    expect(ofError?.error).toBe('bad');
    expect(ofError?.stack).toMatch(/^TypeError: bad\n.*values-of-the-engine/su);
    const [ofText] = await lettersOf('just text');
    expect([ofText?.error, ofText !== undefined && 'stack' in ofText]).toEqual(['just text', false]);
    const [ofNothing] = await lettersOf(Object.create(null));
    expect(ofNothing?.error).toBe('something was thrown that has no text');
  });

  test('says which event time is none', async () => {
    const errorOf = async (eventTimeMs: () => unknown): Promise<string | undefined> => {
      const made = bench();
      // @ts-expect-error: event time of plain JavaScript may be anything.
      await engine(counting({ from: { ...input, eventTimeMs } }), made.ports).process(batch(item('A', 'x', 1)));
      return made.outputs.letters[0]?.error;
    };
    expect(await errorOf(() => Promise.resolve(1))).toMatch(
      /whole number of milliseconds since 1970, .*got a promise$/u,
    );
    expect(await errorOf(() => 0.5)).toMatch(/got 0\.5$/u);
    expect(await errorOf(() => 8_640_000_000_000_000)).toMatch(/got 8640000000000000$/u);
  });
});

describe('a record whose output nothing will ever take', () => {
  test('is put aside once, and entered in the ledger: its repeat is one', async () => {
    const made = bench();
    made.outputs.fails = () => 'it is forbidden';
    const one = engine(counting(), made.ports);
    const { books } = await one.process(batch(item('A', 'x', 1)));
    expect([books.deadLettered, made.outputs.letters.length]).toEqual([1, 1]);
    const again = await one.process(batch(item('A', 'x', 1)));
    expect([again.books.duplicate, again.books.deadLettered, made.outputs.letters.length]).toEqual([1, 0, 1]);
    expect(await stored(made.store, 'test/count')).toEqual({ x: null });
  });
});

describe('outputs that answer for fewer deliveries than they were given', () => {
  test('have refused the others', async () => {
    const made = bench();
    const silent: EnginePorts = {
      ...made.ports,
      outputs: { ...made.ports.outputs, deliver: () => Promise.resolve([]) },
    };
    const { held, books } = await engine(counting(), silent).process(batch(item('A', 'x', 1)));
    expect(held).toMatchObject([{ because: "stream 'out' did not take its records" }]);
    expect([books.held, books.emitted]).toEqual([1, 0]);
  });
});

describe('a batch', () => {
  test('says which of its items is the largest, and how large it is', async () => {
    const made = bench();
    const { largestItemBytes, largestItemKey } = await engine(counting(), made.ports).process(
      batch(item('A', 'x', 1), item('A', 'a-longer-key', 1), item('A', 'y', 1)),
    );
    expect(largestItemKey).toBe('a-longer-key');
    expect(largestItemBytes).toBeGreaterThan('a-longer-key'.length);
    const none = await engine(counting(), made.ports).process([]);
    expect([none.largestItemBytes, none.largestItemKey]).toEqual([0, undefined]);
  });

  test('asks for the rows of the records that a step will see, and for no others', async () => {
    const made = bench();
    const asked: (readonly string[])[] = [];
    const labels = table(
      'labels',
      json('text', (value): value is string => typeof value === 'string'),
    );
    const looking = processor({
      id: 'test/look',
      from: input,
      to: { out },
      tables: { label: rowOf(labels, ({ key }: Item) => key) },
      step: ({ value }) => ({ emit: { out: [value] } }),
    });
    const ports: EnginePorts = {
      ...made.ports,
      tables: {
        ...made.ports.tables,
        rows: (_name, keys) => {
          asked.push(keys);
          return Promise.resolve(keys.map(() => 'label'));
        },
      },
    };
    const bad = { ...item('A', 'bad', 1), at: 0.5 };
    await engine(looking, ports).process(batch(item('A', 'x', 1), bad, '{oops', item('A', 'y', 1), item('A', 'x', 2)));
    expect(asked).toEqual([['x', 'y']]);
    expect(valuesOf(made, 'out')).toHaveLength(3);
  });

  test('of a processor that changes no partition key leaves nothing of its shard behind', async () => {
    const made = bench();
    const collections = new Set<string>();
    const ports: EnginePorts = {
      ...made.ports,
      state: {
        ...made.ports.state,
        write: (writes) => {
          for (const { collection } of writes) collections.add(collection);
          return made.ports.state.write(writes);
        },
      },
    };
    await engine(counting(), ports).process(batch(item('A', 'x', 1)));
    expect([...collections]).toEqual(['test/count']);
  });
});

describe('a state with a codec', () => {
  test('that a reader would refuse is refused at the writer', async () => {
    const even = json('even number', (value): value is number => typeof value === 'number' && value % 2 === 0);
    const odd = processor({
      id: 'test/odd',
      from: input,
      to: {},
      key: ({ key }) => key,
      initial: () => 0,
      codec: { ...even, toData: (value: number) => JSON.stringify(value) },
      step: ({ value }) => ({ state: value.n }),
    });
    const made = bench();
    const { books } = await engine(odd, made.ports).process(batch(item('A', 'x', 2), item('A', 'y', 7)));
    expect(books).toMatchObject({ applied: 1, deadLettered: 1 });
    expect(await stored(made.store, 'test/odd')).toEqual({ x: 2, y: null });
  });
});

describe('a record that looks like an aggregate and is none', () => {
  test('is a dead letter, whole, and the records beside it pass', async () => {
    const made = bench();
    const data = Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2, ...new Array<number>(40).fill(7));
    const { books } = await engine(counting(), made.ports).process([
      delivered(1, '', { data }),
      delivered(2, item('A', 'x', 1)),
    ]);
    expect(books).toMatchObject({ in: 2, applied: 1, deadLettered: 1 });
    expect(made.outputs.letters).toMatchObject([
      { reason: 'undecodable', payload: Buffer.from(data).toString('base64'), sequenceNumber: '49000001' },
    ]);
  });
});

describe('a partition that is held', () => {
  test('keeps no dead letters: they would be kept again with it', async () => {
    const made = bench();
    const failing = counting({
      step: ({ value }) => {
        if (typeof value === 'object' && value !== null && Reflect.get(value, 'n') === 13) throw new Error('thirteen');
        return { emit: { out: [value] } };
      },
    });
    made.outputs.refuses = ({ partitionKey }) => partitionKey === 'A';
    const records = batch(item('A', 'x', 13), item('A', 'x', 1), item('B', 'x', 13), item('B', 'x', 1));
    const { held } = await engine(failing, made.ports).process(records);
    expect(held.map(({ partitionKey }) => partitionKey)).toEqual(['A']);
    expect(made.outputs.letters.map(({ partitionKey }) => partitionKey)).toEqual(['B']);
  });
});

describe('a processor without state', () => {
  const passing = processor({
    id: 'test/pass',
    from: input,
    to: { out },
    step: ({ value }) => ({ emit: { out: [value] } }),
  });

  test('puts aside the record whose output nothing will ever take, and hands on the others', async () => {
    const made = bench();
    made.outputs.fails = (delivery) =>
      delivery.kind === 'stream' && delivery.partitionKey === 'B' ? 'it is forbidden' : undefined;
    const { books, held } = await engine(passing, made.ports).process(batch(item('A', 'x', 1), item('B', 'x', 2)));
    expect([held, books.applied, books.deadLettered]).toEqual([[], 1, 1]);
    expect(valuesOf(made, 'out')).toEqual([item('A', 'x', 1)]);
    expect(made.outputs.letters[0]?.error).toBe("stream 'out' will never take it: it is forbidden");
  });
});
