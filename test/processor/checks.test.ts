import { describe, expect, test } from '@jest/globals';
import { json } from '../../shared/codec/json.ts';
import { aggregate } from '../../shared/processor/aggregate.ts';
import { notification } from '../../shared/processor/notification.ts';
import { collectionOf, processor, type Processor, type TimerOptions } from '../../shared/processor/processor.ts';
import { rowOf, table, wholeTable } from '../../shared/processor/table.ts';
import { topology } from '../../shared/processor/topology.ts';
import { tumbling } from '../../shared/processor/windows/tumbling.ts';
import { windowed } from '../../shared/processor/windows/windowed.ts';
import { keyedWindow, windowKey } from '../../shared/processor/windows/windows.ts';
import { itemStream, type Item } from '../support/engine-bench.ts';

const input = itemStream('in');
const results = itemStream('results');
const numbers = table(
  'numbers',
  json('number', (value): value is number => typeof value === 'number'),
);
const TIMERS: TimerOptions = { graceMs: 0, idleAfterMs: 1_000, whenIdle: 'fire-all' };

/** A processor that counts, with whatever a test is about. */
const counting = (more: {
  readonly id?: string;
  readonly version?: number;
  readonly timers?: TimerOptions;
  readonly hasOnTimer?: boolean;
  readonly fanIn?: boolean;
  readonly isTable?: boolean;
}): Processor =>
  processor({
    id: more.id ?? 'test/count',
    from: input,
    to: {},
    key: ({ key }: Item) => key,
    initial: () => 0,
    step: ({ state }) => ({ state: state + 1 }),
    ...(more.version !== undefined && { version: more.version }),
    ...(more.timers !== undefined && { timers: more.timers }),
    ...(more.hasOnTimer === true && { onTimer: () => ({}) }),
    ...(more.fanIn !== undefined && { fanIn: more.fanIn }),
    ...(more.isTable === true && { as: numbers }),
  });

describe('a processor', () => {
  test.each(['a', 'weather/alert', 'A.b-c_d/0', 'x'.repeat(128)])('may be called %s', (id) => {
    expect(counting({ id }).id).toBe(id);
  });

  test.each(['', '/', 'a/', '/a', 'a//b', 'a b', 'a#b', 'a|b', 'ä', 'x'.repeat(129)])(
    'may not be called %j, which could not name state, lanes and metrics',
    (id) => {
      expect(() => counting({ id })).toThrow(/processor id must be names joined by '\/', at most 128 characters/u);
    },
  );

  test.each([0, -1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER + 1])('has no state of version %p', (version) => {
    expect(() => counting({ version })).toThrow(/version of processor 'test\/count' must be a whole number from 1/u);
  });

  test('has state of version 1 where none is said, and of any from there on', () => {
    expect([counting({}).keyed?.version, counting({ version: 1 }).keyed?.version]).toEqual([1, 1]);
    expect(counting({ version: 7 }).keyed?.version).toBe(7);
  });

  test('puts faults aside where nothing else is said', () => {
    expect(counting({}).onFault).toBe('dead-letter');
    const common = { id: 'x', from: input, to: {}, step: () => ({}) } as const;
    expect(processor({ ...common, onFault: 'hold' }).onFault).toBe('hold');
  });

  test('without a key has no state', () => {
    expect(processor({ id: 'x', from: input, to: {}, step: () => ({}) }).keyed).toBeUndefined();
  });

  test('keeps its state under its own name, or under that of its table', () => {
    expect([collectionOf(counting({})), collectionOf(counting({ isTable: true }))]).toEqual(['test/count', 'numbers']);
  });

  test('writes each stream under one name only, for records of two would have one origin', () => {
    const to = { one: results, other: results };
    expect(() => processor({ id: 'x', from: input, to, step: () => ({}) })).toThrow(
      "processor 'x' names 'results' twice, as 'one' and 'other'",
    );
    const apart = { one: results, other: itemStream('others') };
    expect(processor({ id: 'x', from: input, to: apart, step: () => ({}) }).to).toBe(apart);
  });

  test('has outputs whose names can be part of a message', () => {
    expect(() => processor({ id: 'x', from: input, to: { 'a b': results }, step: () => ({}) })).toThrow(/'a b'/u);
  });
});

describe('timers', () => {
  test.each([{ timers: TIMERS, hasOnTimer: false }, { hasOnTimer: true }])(
    'and what they call come together, or not at all: %j',
    (given) => {
      expect(() => counting(given)).toThrow(/has only one of 'timers' and 'onTimer': give both or none/u);
    },
  );

  test('need event time, which several partition keys have not in common', () => {
    expect(() => counting({ timers: TIMERS, hasOnTimer: true, fanIn: true })).toThrow(/has fanIn and timers/u);
    expect(counting({ timers: TIMERS, hasOnTimer: true, fanIn: false }).keyed?.fanIn).toBe(false);
  });

  test('have no room in the rows of a table', () => {
    expect(() => counting({ timers: TIMERS, hasOnTimer: true, isTable: true })).toThrow(/rows have no timers/u);
  });

  test.each(['graceMs', 'idleAfterMs', 'aheadToleranceMs'])('have a %s in whole milliseconds from 0', (name) => {
    const withValue = (value: number): Processor =>
      counting({ timers: { ...TIMERS, aheadToleranceMs: 0, [name]: value }, hasOnTimer: true });
    for (const value of [-1, 0.5, Number.NaN, Infinity]) {
      expect(() => withValue(value)).toThrow(`${name} of processor 'test/count' must be a whole number`);
    }
    expect(withValue(0).keyed?.timers).toMatchObject({ [name]: 0 });
  });

  const MINUTE_MS = 60_000;
  const DAY_MS = 86_400_000;
  test.each([
    ['fire-all', 0, MINUTE_MS],
    ['fire-all', MINUTE_MS + 1, MINUTE_MS + 1],
    ['follow-clock', 0, DAY_MS],
    ['follow-clock', DAY_MS + 1, DAY_MS + 1],
  ] as const)('that %s with a grace of %p tolerate clocks that are %p ahead', (whenIdle, graceMs, expected) => {
    const made = counting({ timers: { ...TIMERS, whenIdle, graceMs }, hasOnTimer: true });
    expect(made.keyed?.timers?.aheadToleranceMs).toBe(expected);
  });

  test('tolerate what they are set to', () => {
    const made = counting({ timers: { ...TIMERS, aheadToleranceMs: 5 }, hasOnTimer: true });
    expect(made.keyed?.timers?.aheadToleranceMs).toBe(5);
  });
});

describe('windows', () => {
  test.each([0, -1, 1.5, Number.NaN, Infinity])('have a size, which %p is not', (sizeMs) => {
    expect(() => tumbling({ sizeMs, graceMs: 0 })).toThrow(/sizeMs must be a whole number above 0/u);
  });

  test.each([-1, 1.5, Number.NaN, Infinity])('have a grace from 0, which %p is not', (graceMs) => {
    expect(() => tumbling({ sizeMs: 1, graceMs })).toThrow(/graceMs must be a whole number from 0/u);
  });

  test('are named by key, start and end, whatever is in the key', () => {
    for (const key of ['a', 'a@b', 'a@0/1', '/', 'x/y@']) {
      const window = { startMs: -60_000, endMsExclusive: 0 };
      expect(keyedWindow(windowKey(key, window))).toEqual({ key, ...window });
    }
  });

  test('close after a quarter of an hour without a record where nothing else is said', () => {
    const made = windowed({
      id: 'x',
      from: input,
      to: {},
      key: ({ key }) => key,
      window: tumbling({ sizeMs: 60_000, graceMs: 5 }),
      initial: () => 0,
      add: (sum) => sum + 1,
      emit: 'final',
      result: () => ({}),
    });
    expect(made.keyed?.timers).toEqual({
      graceMs: 5,
      idleAfterMs: 15 * 60_000,
      whenIdle: 'fire-all',
      aheadToleranceMs: 60_000,
    });
    expect(made.onFault).toBe('dead-letter');
    expect(made.keyed?.timerKey?.('k@0/60000')).toBe('k');
    expect(made.keyed?.codec).toBeUndefined();
  });

  test('take policy, tolerance and codec as they are given', () => {
    const made = windowed<Item, number, Record<never, never>>({
      id: 'x',
      from: input,
      to: {},
      onFault: 'hold',
      codec: numbers.codec,
      aheadToleranceMs: 7,
      idleAfterMs: 8,
      key: ({ key }) => key,
      window: tumbling({ sizeMs: 60_000, graceMs: 5 }),
      initial: () => 0,
      add: (sum) => sum + 1,
      emit: 'final',
      result: () => ({}),
    });
    expect([made.onFault, made.keyed?.codec]).toEqual(['hold', numbers.codec]);
    expect(made.keyed?.timers).toMatchObject({ aheadToleranceMs: 7, idleAfterMs: 8 });
  });

  test('say that a key is no text', () => {
    const made = windowed({
      id: 'x',
      from: input,
      to: {},
      key: ({ key }) => key,
      window: tumbling({ sizeMs: 60_000, graceMs: 0 }),
      initial: () => 0,
      add: (sum) => sum,
      emit: 'final',
      result: () => ({}),
    });
    const keyOf = (key: unknown): unknown => made.keyed?.key({ key }, 0);
    const expected = /key\(value\) of windows must return text that is not empty, got/u;
    for (const key of ['', undefined, 7]) expect(() => keyOf(key)).toThrow(expected);
    expect(keyOf('k')).toBe('k@0/60000');
  });
});

describe('an aggregate', () => {
  const made = (more: { readonly onFault?: 'hold'; readonly fanIn?: boolean }): Processor =>
    aggregate({
      id: 'x',
      from: input,
      key: ({ key }) => key,
      as: numbers,
      initial: ({ n }) => n * 100,
      add: (row, { n }) => row + n,
      ...more,
    });

  test('passes its policy and fanIn on', () => {
    expect([made({}).onFault, made({}).keyed?.fanIn]).toEqual(['dead-letter', false]);
    expect([made({ onFault: 'hold' }).onFault, made({ fanIn: true }).keyed?.fanIn]).toEqual(['hold', true]);
  });
});

describe('a table', () => {
  test('gives a step the row that is there, or none', () => {
    const lookup = rowOf(numbers, () => 'k');
    expect(lookup.kind === 'row' && [lookup.view(7), lookup.view(undefined)]).toEqual([7, undefined]);
  });

  test.each([
    ['by key', (): unknown => rowOf(numbers, () => 'k').kind === 'row' && viewOne('seven')],
    ['as a whole', (): unknown => viewAll([1, 'seven'])],
  ])('says which of its rows is none, read %s', (_how, read) => {
    expect(read).toThrow(/table 'numbers' holds a row that is .*: "seven"; load it again/u);
  });

  test('gives what is made of all rows', () => {
    expect(viewAll([1, 2, 3])).toBe(6);
  });

  const viewOne = (row: unknown): unknown => {
    const lookup = rowOf(numbers, () => 'k');
    return lookup.kind === 'row' ? lookup.view(row) : undefined;
  };
  const viewAll = (rows: readonly unknown[]): unknown => {
    const lookup = wholeTable(numbers, (all) => all.reduce((sum, one) => sum + one, 0));
    return lookup.kind === 'whole' ? lookup.view(rows) : undefined;
  };
});

describe('a topology', () => {
  const mail = notification('mail', {
    recipient: () => 'a@example.org',
    digest: (to: string) => ({ id: '1', to, subject: '', text: '' }),
  });

  test('has each table once, and apart what it fills and what it is given', () => {
    const given = table('given', numbers.codec);
    const reads = (id: string): Processor =>
      processor({
        id,
        from: input,
        to: { mail },
        tables: { own: wholeTable(numbers, () => 0), given: wholeTable(given, () => 0) },
        step: () => ({}),
      });
    const made = topology('test', [counting({ isTable: true }), reads('one'), reads('other')]);
    expect([made.tables, made.references, made.notifications]).toEqual([[numbers], [given], [mail]]);
  });

  test('keeps the order of processors that do not feed each other', () => {
    const ids = ['c', 'a', 'b'];
    expect(
      topology(
        'test',
        ids.map((id) => counting({ id })),
      ).processors.map(({ id }) => id),
    ).toEqual(ids);
  });

  test('puts a processor after all that write what it reads', () => {
    const pass = (id: string, from: string, to: string): Processor =>
      processor({ id, from: streams[from] ?? input, to: { to: streams[to] ?? input }, step: () => ({}) });
    const streams: Record<string, typeof input> = Object.fromEntries(
      ['s', 't', 'u'].map((name) => [name, itemStream(name)]),
    );
    const made = topology('test', [pass('last', 't', 'u'), pass('two', 's', 't'), pass('one', 's', 't')]);
    expect(made.processors.map(({ id }) => id)).toEqual(['two', 'one', 'last']);
  });

  test.each(['table', 'stream', 'notification'])('refuses a name that two things have, one of them a %s', (kind) => {
    const name = { table: 'numbers', stream: 'in', notification: 'mail' }[kind] ?? '';
    const other = processor({ id: 'other', from: input, to: { x: itemStream(name) }, step: () => ({}) });
    const mails = processor({ id: 'mails', from: input, to: { mail }, step: () => ({}) });
    expect(() => topology('test', [counting({ isTable: true }), mails, other])).toThrow(
      `two different definitions named '${name}'`,
    );
  });
});
