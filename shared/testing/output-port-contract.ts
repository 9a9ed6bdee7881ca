import assert from 'node:assert/strict';
import { deaggregate, isAggregated } from '../codec/kpl.ts';
import { textOf } from '../codec/text-bytes.ts';
import type { DeadLetter } from '../engine/dead-letter.ts';
import type { Dispatch, EmissionUnit, OutputPort } from '../engine/ports.ts';
import type { DeliveredRecord } from '../stream/delivered-record.ts';
import type { ContractRule } from './state-store-rule.ts';

/** New outputs, with nothing in them, and what has arrived where they lead. */
export interface ObservedOutputs {
  /** They know the streams `one` and `two` and the notification `mail`. */
  readonly outputs: OutputPort;
  /** What stands in a stream, shard by shard, in the order of each shard. */
  records(stream: 'one' | 'two'): Promise<readonly Pick<DeliveredRecord, 'partitionKey' | 'data'>[]>;
  messages(): Promise<readonly Dispatch[]>;
  letters(): Promise<readonly DeadLetter[]>;
}

const rule = (text: string, check: (observed: ObservedOutputs) => Promise<void>): ContractRule<ObservedOutputs> => ({
  rule: text,
  check,
});

const unit = (partitionKey: string, payloads: readonly string[], stream = 'one'): EmissionUnit => ({
  stream,
  partitionKey,
  payloads,
});

const numbered = (name: string, count: number, padding = ''): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${String(index)}${padding}`);

/** Payloads by partition key, packed ones taken apart: the inner keys must be those of the records they travel in. */
const arrived = async (observed: ObservedOutputs, stream: 'one' | 'two'): Promise<Map<string, readonly string[]>> => {
  const payloads = new Map<string, readonly string[]>();
  for (const { partitionKey, data } of await observed.records(stream)) {
    const taken = isAggregated(data) ? deaggregate(data) : { kind: 'records', records: [{ partitionKey, data }] };
    assert.ok('records' in taken, 'an aggregate cannot be taken apart');
    assert.ok(
      taken.records.every((one) => one.partitionKey === partitionKey),
      'a packed record has another key than what it travels in',
    );
    payloads.set(partitionKey, [
      ...(payloads.get(partitionKey) ?? []),
      ...taken.records.map((one) => textOf(one.data)),
    ]);
  }
  return payloads;
};

const letter: DeadLetter = {
  processor: 'weather/alert',
  stream: 'enriched',
  lane: 'weather-raw@US-AZ;weather/validate',
  position: '0210.012',
  partitionKey: 'US-AZ',
  sequenceNumber: '4959',
  payload: Buffer.from('{"tmin": "cold ä"}').toString('base64'),
  reason: 'step-failed',
  error: 'tmin is no number',
};

const mail = (id: string, text = 'It will be cold.\n'): Dispatch => ({
  notification: 'mail',
  message: { id, to: 'ann@example.org', subject: 'Frost', text },
});

const byId = (one: Dispatch, other: Dispatch): number => (one.message.id < other.message.id ? -1 : 1);

/** The rules of {@link OutputPort}; run each on new outputs. */
export const outputPortContract: readonly ContractRule<ObservedOutputs>[] = [
  rule('nothing to write is written, and answered by nothing', async ({ outputs }) => {
    assert.deepEqual([await outputs.put([]), await outputs.notify([]), await outputs.keep([])], [[], [], []]);
  }),
  rule('payloads arrive in order under the partition key of their unit', async (observed) => {
    const many = numbered('a', 100);
    assert.deepEqual(await observed.outputs.put([unit('US-AZ', many)]), [true]);
    assert.deepEqual(await arrived(observed, 'one'), new Map([['US-AZ', many]]));
  }),
  rule('a single payload arrives as it is, and so does text outside of ASCII', async (observed) => {
    await observed.outputs.put([unit('Köln', ['{"käse":"🧀"}'])]);
    const [record] = await observed.records('one');
    assert.deepEqual([record?.partitionKey, record && textOf(record.data)], ['Köln', '{"käse":"🧀"}']);
  }),
  rule('answers are in the order of the units, and units go to the stream they name', async (observed) => {
    const units = [unit('a', ['1']), unit('a', ['2'], 'two'), unit('b', ['3', '4']), unit('b', ['5'], 'two')];
    assert.deepEqual(await observed.outputs.put(units), [true, true, true, true]);
    const one = await arrived(observed, 'one');
    const two = await arrived(observed, 'two');
    assert.deepEqual([one.get('a'), one.get('b'), one.size], [['1'], ['3', '4'], 2]);
    assert.deepEqual([two.get('a'), two.get('b'), two.size], [['2'], ['5'], 2]);
  }),
  rule('two units of one partition key each keep their order', async (observed) => {
    const units = [unit('a', numbered('x', 20)), unit('b', ['between']), unit('a', numbered('y', 20))];
    assert.deepEqual(await observed.outputs.put(units), [true, true, true]);
    const payloads = (await arrived(observed, 'one')).get('a') ?? [];
    assert.equal(payloads.length, 40);
    for (const name of ['x', 'y']) {
      assert.deepEqual(
        payloads.filter((payload) => payload.startsWith(name)),
        numbered(name, 20),
      );
    }
  }),
  rule('what one call puts for a key stands behind what the call before it put', async (observed) => {
    for (const payload of ['1', '2', '3']) await observed.outputs.put([unit('a', [payload])]);
    assert.deepEqual((await arrived(observed, 'one')).get('a'), ['1', '2', '3']);
  }),
  rule('a unit larger than one record of a stream keeps its order over all its records', async (observed) => {
    const large = numbered('large', 30, 'x'.repeat(100_000));
    assert.deepEqual(await observed.outputs.put([unit('a', large), unit('b', ['small'])]), [true, true]);
    const payloads = await arrived(observed, 'one');
    assert.ok((await observed.records('one')).length >= 4);
    assert.deepEqual([payloads.get('a'), payloads.get('b')], [large, ['small']]);
  }),
  rule('more partition keys than one call takes all arrive', async (observed) => {
    const units = Array.from({ length: 1_201 }, (_, index) =>
      unit(`key-${String(index)}`, [`payload-${String(index)}`]),
    );
    const answers = await observed.outputs.put(units);
    assert.ok(answers.length === units.length && answers.every(Boolean));
    const payloads = await arrived(observed, 'one');
    assert.deepEqual(
      units.filter(({ partitionKey, payloads: [payload] }) => payloads.get(partitionKey)?.join() !== payload),
      [],
    );
  }),
  rule('a message arrives with its destination, recipient, id, subject and text', async (observed) => {
    assert.deepEqual(await observed.outputs.notify([mail('1', 'ä 🧊\n\nsecond paragraph\n')]), [true]);
    assert.deepEqual(await observed.messages(), [mail('1', 'ä 🧊\n\nsecond paragraph\n')]);
  }),
  rule('more messages than one call takes all arrive', async (observed) => {
    const dispatches = Array.from({ length: 23 }, (_, index) => mail(String(index)));
    assert.deepEqual(
      await observed.outputs.notify(dispatches),
      dispatches.map(() => true),
    );
    assert.deepEqual([...(await observed.messages())].sort(byId), [...dispatches].sort(byId));
  }),
  rule('a dead letter is kept whole', async (observed) => {
    const withStack = { ...letter, position: '0211', stack: 'at step (alert.ts:1:1)' };
    assert.deepEqual(await observed.outputs.keep([letter, withStack]), [true, true]);
    const kept = [...(await observed.letters())].sort((one, other) => (one.position < other.position ? -1 : 1));
    assert.deepEqual(kept, [letter, withStack]);
  }),
  rule('a dead letter that is kept twice is kept once', async (observed) => {
    await observed.outputs.keep([letter]);
    assert.deepEqual(await observed.outputs.keep([letter, letter]), [true, true]);
    assert.deepEqual(await observed.letters(), [letter]);
  }),
  rule('dead letters that differ in processor, lane or position are different letters', async (observed) => {
    const letters = [
      letter,
      { ...letter, processor: 'weather/enrich' },
      { ...letter, lane: 'weather-raw@US-VT;weather/validate' },
      { ...letter, position: '0210' },
    ];
    await observed.outputs.keep(letters);
    assert.equal((await observed.letters()).length, 4);
  }),
];
