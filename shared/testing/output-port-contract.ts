import assert from 'node:assert/strict';
import { deaggregate, isAggregated } from '../codec/kpl.ts';
import { textOf } from '../codec/text-bytes.ts';
import type { DeadLetter } from '../engine/dead-letter.ts';
import type { StreamDelivery } from '../engine/ports.ts';
import { notificationContract } from './notification-contract.ts';
import { isFailed, mail, rule, messagesTo, type ObservedOutputs } from './output-port-rule.ts';
import type { ContractRule } from './state-store-rule.ts';

export type { ObservedOutputs };

const records = (partitionKey: string, payloads: readonly string[], stream = 'one'): StreamDelivery => ({
  kind: 'stream',
  stream,
  partitionKey,
  payloads,
});

const numbered = (name: string, count: number, padding = ''): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index}${padding}`);

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

/** More than one record of a stream holds. */
const TOO_LARGE = 'x'.repeat(1_100_000);

/** The rules of an `OutputPort`; run each on new outputs. */
export const outputPortContract: readonly ContractRule<ObservedOutputs>[] = [
  ...notificationContract,
  rule('nothing to write is written, and answered by nothing', async ({ outputs }) => {
    assert.deepEqual([await outputs.deliver([]), await outputs.deadLetter([])], [[], []]);
  }),
  rule('payloads arrive in order under the partition key of their delivery', async (observed) => {
    const many = numbered('a', 100);
    assert.deepEqual(await observed.outputs.deliver([records('US-AZ', many)]), ['delivered']);
    assert.deepEqual(await arrived(observed, 'one'), new Map([['US-AZ', many]]));
  }),
  rule('a single payload arrives as it is, and so does text outside of ASCII', async (observed) => {
    await observed.outputs.deliver([records('Köln', ['{"käse":"🧀"}'])]);
    const [record] = await observed.records('one');
    assert.deepEqual([record?.partitionKey, record && textOf(record.data)], ['Köln', '{"käse":"🧀"}']);
  }),
  rule('answers are in the order of the deliveries, each to the stream it names', async (observed) => {
    const deliveries = [
      records('a', ['1']),
      records('a', ['2'], 'two'),
      records('b', ['3', '4']),
      records('b', ['5'], 'two'),
    ];
    assert.deepEqual(
      await observed.outputs.deliver(deliveries),
      deliveries.map(() => 'delivered'),
    );
    const one = await arrived(observed, 'one');
    const two = await arrived(observed, 'two');
    assert.deepEqual([one.get('a'), one.get('b'), one.size], [['1'], ['3', '4'], 2]);
    assert.deepEqual([two.get('a'), two.get('b'), two.size], [['2'], ['5'], 2]);
  }),
  rule('kinds may be mixed in one call', async (observed) => {
    const outcomes = await observed.outputs.deliver([
      mail('ann@example.org', ['1']),
      records('a', ['1']),
      mail('bob@example.org', ['2'], () => {
        throw new Error('no');
      }),
      records('b', ['2'], 'two'),
    ]);
    assert.deepEqual(
      [outcomes[0], outcomes[1], isFailed(outcomes[2]), outcomes[3]],
      ['delivered', 'delivered', true, 'delivered'],
    );
    assert.deepEqual(await messagesTo(observed), ['ann@example.org: 1']);
    assert.deepEqual(
      [(await arrived(observed, 'one')).get('a'), (await arrived(observed, 'two')).get('b')],
      [['1'], ['2']],
    );
  }),
  rule('deliveries of one partition key arrive one after the other', async (observed) => {
    const deliveries = [records('a', numbered('x', 20)), records('b', ['between']), records('a', numbered('y', 20))];
    assert.deepEqual(
      await observed.outputs.deliver(deliveries),
      deliveries.map(() => 'delivered'),
    );
    assert.deepEqual((await arrived(observed, 'one')).get('a'), [...numbered('x', 20), ...numbered('y', 20)]);
  }),
  rule('what one call delivers for a key comes after what the call before it delivered', async (observed) => {
    for (const payload of ['1', '2', '3']) await observed.outputs.deliver([records('a', [payload])]);
    assert.deepEqual((await arrived(observed, 'one')).get('a'), ['1', '2', '3']);
  }),
  rule('a delivery larger than one record of a stream keeps its order over all its records', async (observed) => {
    const large = numbered('large', 30, 'x'.repeat(100_000));
    assert.deepEqual(await observed.outputs.deliver([records('a', large), records('b', ['small'])]), [
      'delivered',
      'delivered',
    ]);
    const payloads = await arrived(observed, 'one');
    assert.ok((await observed.records('one')).length >= 4);
    assert.deepEqual([payloads.get('a'), payloads.get('b')], [large, ['small']]);
  }),
  rule('a record no stream takes fails its delivery, and nothing overtakes it under its key', async (observed) => {
    const outcomes = await observed.outputs.deliver([
      records('a', ['1']),
      records('a', ['2', TOO_LARGE, '3']),
      records('a', ['4']),
      records('b', ['5']),
      records('a', ['6'], 'two'),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => (isFailed(outcome) ? 'failed' : outcome)),
      ['delivered', 'failed', 'refused', 'delivered', 'delivered'],
    );
    const payloads = await arrived(observed, 'one');
    assert.deepEqual([payloads.get('a')?.[0], payloads.get('b')], ['1', ['5']]);
    assert.ok(payloads.get('a')?.every((payload) => payload === '1' || payload === '2'));
  }),
  rule('more partition keys than one call takes all arrive', async (observed) => {
    const deliveries = Array.from({ length: 1_201 }, (_, index) => records(`key-${index}`, [`payload-${index}`]));
    const outcomes = await observed.outputs.deliver(deliveries);
    assert.ok(outcomes.length === deliveries.length && outcomes.every((outcome) => outcome === 'delivered'));
    const payloads = await arrived(observed, 'one');
    assert.deepEqual(
      deliveries.filter(({ partitionKey, payloads: [payload] }) => payloads.get(partitionKey)?.join() !== payload),
      [],
    );
  }),
  rule('a dead letter is kept whole', async (observed) => {
    const withStack = { ...letter, position: '0211', stack: 'at step (alert.ts:1:1)' };
    assert.deepEqual(await observed.outputs.deadLetter([letter, withStack]), [true, true]);
    const kept = [...(await observed.letters())].sort((one, other) => (one.position < other.position ? -1 : 1));
    assert.deepEqual(kept, [letter, withStack]);
  }),
  rule('a dead letter that is kept twice is kept once', async (observed) => {
    await observed.outputs.deadLetter([letter]);
    assert.deepEqual(await observed.outputs.deadLetter([letter, letter]), [true, true]);
    assert.deepEqual(await observed.letters(), [letter]);
  }),
  rule('dead letters that differ in processor, lane or position are different letters', async (observed) => {
    const letters = [
      letter,
      { ...letter, processor: 'weather/enrich' },
      { ...letter, lane: 'weather-raw@US-VT;weather/validate' },
      { ...letter, position: '0210' },
    ];
    await observed.outputs.deadLetter(letters);
    assert.equal((await observed.letters()).length, 4);
  }),
];
