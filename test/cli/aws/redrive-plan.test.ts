import { expect, test } from '@jest/globals';
import { planRedrive, type RedrivePlan } from '../../../cli/aws/dead-letters/redrive-plan.ts';
import { KplAggregator } from '../../../shared/codec/kpl-aggregator.ts';
import { json } from '../../../shared/codec/json.ts';
import { text } from '../../../shared/codec/text.ts';
import type { DeadLetter } from '../../../shared/engine/dead-letter.ts';
import { engine } from '../../../shared/engine/engine.ts';
import { memoryStore } from '../../../shared/state/memory-store.ts';
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
      put: (units: readonly unknown[]) => Promise.resolve(units.map(() => true)),
      notify: (some: readonly unknown[]) => Promise.resolve(some.map(() => true)),
      keep: (some: readonly DeadLetter[]) => {
        letters.push(...some);
        return Promise.resolve(some.map(() => true));
      },
    },
  } as const;
  return {
    letters,
    take: (mended: boolean, ...records: readonly DeliveredRecord[]) => engine(sums(mended), ports).process(records),
    plan: (letter: DeadLetter | undefined): Promise<RedrivePlan> => {
      if (letter === undefined) throw new Error('there is no letter');
      return planRedrive(described, state, letter, 'abc');
    },
    sum: async () => (await state.load([{ collection: 'sums', partitionKey: 'a', key: 'all' }]))[0]?.state,
  };
};

test('the last record of its lane is put again under a lane of its own, which the ledger takes, and takes once', async () => {
  const { letters, take, plan, sum } = world();
  await take(false, record(1, envelope(1, 5)), record(2, envelope(2, 13)));
  const [planned] = await plan(letters[0]);
  expect(planned.verdict).toEqual({ kind: 'apply', why: expect.stringContaining('ends with it') });

  await take(true, record(3, envelope(2, 13)));
  expect(await sum()).toBe('[5]'); // under its old origin it is a duplicate

  await take(true, record(4, planned.payload));
  await take(true, record(5, planned.payload), record(6, envelope(3, 1)));
  expect(await sum()).toBe('[5,13,1]');
  expect((await plan(letters[0]))[0].verdict).toEqual({
    kind: 'applied',
    why: expect.stringContaining('redriven before'),
  });
});

test('a record behind which others of its lane were taken is superseded, and comes behind them if it is put all the same', async () => {
  const { letters, take, plan, sum } = world();
  await take(false, record(1, envelope(1, 13)), record(2, envelope(2, 7)));
  const [planned] = await plan(letters[0]);
  expect(planned.verdict).toEqual({ kind: 'superseded', why: expect.stringContaining('later records of its lane') });
  await take(true, record(3, planned.payload));
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

test('a processor without state has no ledger, and a source stream gets the bytes as they were', async () => {
  const { plan } = world();
  const letter = { ...givenUp(bytesOf('hello')), processor: 'length', stream: 'words', lane: 'words@a' };
  expect(await plan(letter)).toEqual([
    {
      partitionKey: 'a',
      payload: Buffer.from('hello'),
      verdict: { kind: 'apply', why: expect.stringContaining('no ledger') },
    },
  ]);
});

test.each([
  ['a processor that is gone', { processor: 'other' }, /there is no processor other any more/],
  ['the state of a timer', { sequenceNumber: '' }, /of a timer and no record/],
  ['what still cannot be read', { payload: Buffer.from('no number').toString('base64') }, /sums still cannot read it/],
  [
    'a damaged aggregate',
    { payload: Buffer.from([0xf3, 0x89, 0x9a, 0xc2, 1]).toString('base64') },
    /cannot be taken apart/,
  ],
])('%s is impossible to redrive, and why is said', async (_what, change, why) => {
  const [planned] = await world().plan({ ...givenUp(bytesOf(envelope(1, 1))), ...change });
  expect(planned.verdict).toEqual({ kind: 'impossible', why: expect.stringMatching(why) });
});

test('what can be read and has no event time is impossible too: it would be a dead letter again', async () => {
  const dated = stream('dated', { codec: text(), partitionKey: () => 'a', eventTimeMs: (line) => Date.parse(line) });
  const reader = processor({ id: 'reader', from: dated, to: {}, step: () => ({}) });
  const letter = { ...givenUp(bytesOf('garbage')), processor: 'reader', stream: 'dated', lane: 'dated@a' };
  const [planned] = await planRedrive(topology('dates', [reader]), memoryStore(), letter, 'abc');
  expect(planned.verdict).toEqual({
    kind: 'impossible',
    why: expect.stringMatching(/reader still cannot read it: .*NaN/),
  });
});
