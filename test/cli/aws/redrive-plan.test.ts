import { describe, expect, test } from '@jest/globals';
import { isToBePut, planRedrive, type RedrivePlan } from '../../../cli/aws/dead-letters/redrive-plan.ts';
import { KplAggregator } from '../../../shared/codec/kpl-aggregator.ts';
import { json } from '../../../shared/codec/json.ts';
import { text } from '../../../shared/codec/text.ts';
import type { DeadLetter } from '../../../shared/engine/dead-letter.ts';
import type { DeliveryOutcome } from '../../../shared/engine/ports.ts';
import { engine } from '../../../shared/engine/engine.ts';
import { memoryStore } from '../../../shared/state/memory-store.ts';
import { aggregate } from '../../../shared/processor/aggregate.ts';
import { table } from '../../../shared/processor/table.ts';
import { processor, type Processor } from '../../../shared/processor/processor.ts';
import { topology } from '../../../shared/processor/topology.ts';
import { bytesOf } from '../../../shared/codec/text-bytes.ts';
import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';
import { sealer } from '../../../shared/stream/envelope.ts';
import { stream } from '../../../shared/stream/stream.ts';

const words = stream('words', { codec: text(), partitionKey: () => 'a' });
const counts = stream('counts', {
  codec: json('count', (value): value is number => typeof value === 'number'),
  partitionKey: () => 'a',
});
const length = processor({
  id: 'length',
  from: words,
  to: { counts },
  step: ({ value }) => ({ emit: { counts: [value.length] } }),
});
/** Adds numbers up; refuses 13 until it is mended. */
const sums = (mended: boolean): Processor =>
  processor({
    id: 'sums',
    from: counts,
    to: {},
    key: () => 'all',
    initial: () => [],
    step: ({ state, value }: { readonly state: readonly number[]; readonly value: number }) => {
      if (value === 13 && !mended) throw new Error('13 is not taken');
      return { state: [...state, value] };
    },
  });
const described = topology('numbers', [length, sums(true)]);

const seal = sealer('counts', 'words@a;length');
const envelope = (position: number, value: number): string =>
  seal(`01${String(position)}`, 0, `"data":${String(value)}`);
const record = (sequence: number, payload: string | Uint8Array): DeliveredRecord => ({
  partitionKey: 'a',
  sequenceNumber: String(sequence),
  data: typeof payload === 'string' ? bytesOf(payload) : payload,
  arrivalMs: 0,
});

const world = () => {
  const state = memoryStore();
  const letters: DeadLetter[] = [];
  const ports = {
    state,
    nowMs: () => 0,
    tables: { rows: () => Promise.resolve([]), all: () => Promise.resolve({ version: 0, rows: [] }) },
    outputs: {
      deliver: (some: readonly unknown[]) => Promise.resolve(some.map((): DeliveryOutcome => 'delivered')),
      deadLetter: (some: readonly DeadLetter[]) => {
        letters.push(...some);
        return Promise.resolve(some.map(() => true));
      },
    },
  } as const;
  return {
    letters,
    state,
    take: (mended: boolean, ...records: readonly DeliveredRecord[]) => engine(sums(mended), ports).process(records),
    plan: (letter: DeadLetter | undefined, of = described, isBegun = false): Promise<RedrivePlan> => {
      if (letter === undefined) throw new Error('no letter was kept');
      return planRedrive(of, state, letter, 'abc', isBegun);
    },
    sum: async () => (await state.load([{ collection: 'sums', partitionKey: 'a', key: 'all' }]))[0]?.state,
  };
};

test('the last record of its lane is put again under a lane of its own, which the ledger takes, and takes once', async () => {
  const { letters, take, plan, sum } = world();
  await take(false, record(1, envelope(1, 5)), record(2, envelope(2, 13)));
  const [planned] = await plan(letters[0]);
  expect(planned.verdict).toMatchObject({ kind: 'apply', why: expect.stringContaining('ends with it') });
  expect(planned.again).toMatchObject({
    lane: 'redrive@a/abc/sums',
    partitionKey: 'a',
    data: '13',
    redriveFor: 'sums',
  });

  await take(true, record(3, envelope(2, 13)));
  expect(await sum()).toBe('[5]'); // under its old origin it is a duplicate

  await take(true, record(4, planned.payload));
  await take(true, record(5, planned.payload), record(6, envelope(3, 1)));
  expect(await sum()).toBe('[5,13,1]');
  expect((await plan(letters[0]))[0].verdict).toMatchObject({
    kind: 'applied',
    why: expect.stringContaining('redriven before'),
  });
});

test('a record that its partition has gone on past is kept, and comes after later ones where the user asks for that', async () => {
  const { letters, take, plan, sum } = world();
  await take(false, record(1, envelope(1, 13)), record(2, envelope(2, 7)));
  const [planned] = await plan(letters[0]);
  expect(planned.verdict).toMatchObject({ kind: 'superseded', why: 'its partition has gone on past it' });
  expect(isToBePut(planned, new Set())).toBe(false);
  expect(isToBePut(planned, new Set(['out-of-order']))).toBe(true);
  await take(true, record(3, planned.payload));
  await take(true, record(4, planned.payload));
  expect(await sum()).toBe('[7,13]');
});

const givenUp = (payload: Uint8Array): DeadLetter => ({
  processor: 'sums',
  stream: 'counts',
  partitionKey: 'a',
  sequenceNumber: '9',
  lane: 'counts@a',
  position: '019',
  payload: Buffer.from(payload).toString('base64'),
  reason: 'given-up',
  error: 'given up after 10 attempts',
});

test('of what a mapping gave up, each packed record has its own verdict', async () => {
  const { take, plan, sum } = world();
  await take(true, record(1, envelope(1, 1)));
  const aggregator = new KplAggregator({ partitionKey: 'a' });
  for (const [position, value] of [
    [1, 1],
    [2, 2],
    [3, 3],
  ] as const)
    aggregator.append(envelope(position, value));
  const planned = await plan(givenUp(aggregator.finish()));
  expect(planned.map(({ verdict }) => verdict.kind)).toEqual(['applied', 'apply', 'apply']);
  await take(true, ...planned.slice(1).map(({ payload }, index) => record(10 + index, payload)));
  expect(await sum()).toBe('[1,2,3]');
});

test('what a mapping gave up keeps its origin, so a redrive that is repeated after a crash takes effect once', async () => {
  const { take, plan, sum } = world();
  await take(true, record(1, envelope(1, 1)));
  const letter = givenUp(bytesOf(envelope(2, 2)));
  const [planned] = await plan(letter);
  expect(planned.again).toMatchObject({ lane: 'words@a;length', position: '012', redriveFor: 'sums' });
  await take(true, record(10, planned.payload));
  await take(true, record(11, planned.payload));
  expect(await sum()).toBe('[1,2]');
  expect((await plan(letter))[0].verdict.kind).toBe('applied');
});

test('what a mapping gave up is not taken for applied where its partition has gone on: it is kept', async () => {
  const { take, plan } = world();
  await take(true, record(1, envelope(3, 3)));
  const [planned] = await plan(givenUp(bytesOf(envelope(2, 2))));
  expect(planned.verdict).toMatchObject({ kind: 'superseded', needs: ['out-of-order', 'may-repeat'] });
  expect(isToBePut(planned, new Set())).toBe(false);
  expect(isToBePut(planned, new Set(['out-of-order']))).toBe(false);
  expect(isToBePut(planned, new Set(['out-of-order', 'may-repeat']))).toBe(true);
});

describe('of what the mapping of a processor without state gave up, the ledgers of its readers are asked', () => {
  const doubles = stream('doubles', { codec: counts.codec, partitionKey: () => 'a' });
  const totals = table('totals', counts.codec);
  const double = processor({
    id: 'double',
    from: counts,
    to: { doubles },
    step: ({ value }) => ({ emit: { doubles: [value * 2] } }),
  });
  const reader = aggregate({
    id: 'reader',
    from: doubles,
    key: () => 'all',
    as: totals,
    initial: () => 0,
    add: (n) => n + 1,
  });
  const chain = topology('chain', [length, double, reader]);
  const letter = { ...givenUp(bytesOf(envelope(2, 2))), processor: 'double' };
  const ledgerAt = (position: string) => {
    const { state, plan } = world();
    const lane = 'words@a;length;double';
    const item = {
      collection: 'totals',
      partitionKey: 'a',
      key: 'all',
      expected: 0,
      state: '1',
      timerMs: undefined,
      writtenAtMs: 0,
      isRow: true,
    };
    return { plan, write: () => state.write([{ ...item, ledger: { [lane]: position } }]) };
  };

  test.each([
    ['has what was made of it', '012.010', 'applied'],
    ['has what was made of later records', '013.010', 'superseded'],
    ['has not come so far', '011.010', 'apply'],
  ])('the reader %s', async (_what, position, kind) => {
    const { plan, write } = ledgerAt(position);
    await write();
    expect((await plan(letter, chain))[0].verdict.kind).toBe(kind);
  });

  test('a record that is still on its way to the reader is put under its own origin, which the reader takes once', async () => {
    const [planned] = await world().plan(letter, chain);
    expect(planned.verdict.kind).toBe('apply');
    expect(planned.again).toMatchObject({ lane: 'words@a;length', position: '012' });
  });

  test('of a source stream, which gives it a new origin, nothing says so: it may be counted twice', async () => {
    const foreign = { ...givenUp(bytesOf('hello')), processor: 'length', stream: 'words', lane: 'words@a' };
    const [planned] = await world().plan(foreign);
    expect(planned).toMatchObject({
      payload: Buffer.from('hello'),
      verdict: { kind: 'may-repeat', why: expect.stringContaining('may be counted twice'), needs: ['may-repeat'] },
    });
    expect(isToBePut(planned, new Set())).toBe(false);
    expect(isToBePut(planned, new Set(['may-repeat']))).toBe(true);
  });

  test.each([
    [
      'a reader without a ledger',
      processor({ id: 'reader', from: doubles, to: {}, step: () => ({}) }),
      /neither double nor reader/,
    ],
    ['no reader', undefined, /no processor with one reads/],
  ])('%s cannot be asked, so it may be counted twice', async (_what, last, why) => {
    const of = topology('short', [length, double, ...(last === undefined ? [] : [last])]);
    expect((await world().plan(letter, of))[0].verdict).toMatchObject({
      kind: 'may-repeat',
      why: expect.stringMatching(why),
    });
  });
});

describe('a source stream gives what is put a new origin', () => {
  const lengths = processor({
    id: 'lengths',
    from: words,
    to: {},
    key: () => 'all',
    initial: () => 0,
    step: ({ state, value }) => ({ state: state + value.length }),
  });
  const letter = { ...givenUp(bytesOf('hello')), processor: 'lengths', stream: 'words', lane: 'words@a' };

  test('so a redrive that was cut off may be repeated only where the user says so', async () => {
    const of = topology('keyed', [lengths]);
    expect((await world().plan(letter, of))[0].verdict.kind).toBe('apply');
    expect((await world().plan(letter, of, true))[0].verdict).toMatchObject({
      kind: 'may-repeat',
      why: expect.stringContaining('cut off'),
    });
  });

  test('so another processor that reads it would count it again', async () => {
    expect((await world().plan(letter, topology('two', [length, lengths, sums(true)])))[0].verdict).toMatchObject({
      kind: 'may-repeat',
      why: expect.stringContaining('length reads words too'),
    });
  });
});

test.each([
  ['a processor that is gone', { processor: 'other' }, /the topology has no processor other any more/],
  ['the state of a timer', { sequenceNumber: '' }, /of a timer and no record/],
  ['what still cannot be read', { payload: Buffer.from('no number').toString('base64') }, /sums still cannot read it/],
  [
    'a damaged aggregate',
    { payload: Buffer.from([0xf3, 0x89, 0x9a, 0xc2, 1]).toString('base64') },
    /cannot be taken apart/,
  ],
])('%s is impossible to redrive, and why is said', async (_what, change, why) => {
  const [planned] = await world().plan({ ...givenUp(bytesOf(envelope(1, 1))), ...change });
  expect(planned.verdict).toMatchObject({ kind: 'impossible', why: expect.stringMatching(why), needs: [] });
});

test('what can be read and has no event time is impossible too: it would be a dead letter again', async () => {
  const dated = stream('dated', { codec: text(), partitionKey: () => 'a', eventTimeMs: (line) => Date.parse(line) });
  const reader = processor({ id: 'reader', from: dated, to: {}, step: () => ({}) });
  const letter = { ...givenUp(bytesOf('garbage')), processor: 'reader', stream: 'dated', lane: 'dated@a' };
  const [planned] = await planRedrive(topology('dates', [reader]), memoryStore(), letter, 'abc');
  expect(planned.verdict).toMatchObject({
    kind: 'impossible',
    why: expect.stringMatching(/reader still cannot read it: .*NaN/),
  });
});
