import { describe, expect, test } from '@jest/globals';
import { engine } from '../../shared/engine/engine.ts';
import { processor, type Processor } from '../../shared/processor/processor.ts';
import { sealer } from '../../shared/stream/envelope.ts';
import { redriveLane } from '../../shared/stream/origin.ts';
import type { Stream } from '../../shared/stream/stream.ts';
import { peerAggregate } from '../support/aws-kinesis-agg.ts';
import {
  ARRIVAL_MS,
  batch,
  bench,
  delivered,
  emitted,
  item,
  itemStream,
  stored,
  type Item,
} from '../support/engine-bench.ts';

const summing = (from: Stream<Item> = itemStream('in')): Processor =>
  processor({
    id: 'test/sum',
    from,
    to: {},
    key: ({ key }) => key,
    initial: () => 0,
    step: ({ value, state }) => ({ state: state + value.n }),
  });

const FOREIGN = { inputIsForeign: true };

/** A sequence number as Kinesis makes them: the `counter`-th of a shard that was created at `creation` seconds. */
const kinesisNumber = (creation: bigint, index: bigint, counter: bigint): string =>
  String(
    (2n << 184n) |
      (creation << 148n) |
      ((index & 0xfn) << 144n) |
      (counter << 80n) |
      (creation << 36n) |
      (index << 4n) |
      2n,
  );

describe('a partition key in two shards', () => {
  test('has a place in each, and what the shard with lower numbers brings is not a repeat', async () => {
    const { ports, store } = bench();
    const worker = engine(summing(), ports, FOREIGN);
    const high = [delivered(900, item('A', 'x', 1), { shard: '1~aaaaaaaa' })];
    const low = [delivered(3, item('A', 'x', 2), { shard: '0~aaaaaaaa' })];
    expect((await worker.process(high)).books).toMatchObject({ applied: 1 });
    expect((await worker.process(low)).books).toMatchObject({ applied: 1 });
    expect((await worker.process(high)).books).toMatchObject({ duplicate: 1 });
    expect((await worker.process(low)).books).toMatchObject({ duplicate: 1 });
    expect(await stored(store, 'test/sum')).toEqual({ x: 3 });
  });

  test('is known by the sequence numbers themselves where the caller does not know the shard', async () => {
    const { ports, store } = bench();
    const worker = engine(summing(), ports, FOREIGN);
    const at = (index: bigint, counter: bigint, n: number) =>
      delivered(1, item('A', 'x', n), { sequenceNumber: kinesisNumber(1_700_000_000n, index, counter) });
    const records = [at(7n, 50n, 1), at(3n, 5n, 2), at(3n, 6n, 4)];
    for (const record of records) expect((await worker.process([record])).books).toMatchObject({ applied: 1 });
    for (const record of records) expect((await worker.process([record])).books).toMatchObject({ duplicate: 1 });
    expect(await stored(store, 'test/sum')).toEqual({ x: 7 });
  });

  test('after a reshard goes on in the child, whatever its numbers are', async () => {
    const { ports, store } = bench();
    const worker = engine(summing(), ports, FOREIGN);
    await worker.process([delivered(50, item('A', 'x', 1), { shard: '0' })]);
    const { books } = await worker.process([delivered(1, item('A', 'x', 2), { shard: '2' })]);
    expect(books).toMatchObject({ applied: 1, duplicate: 0, deadLettered: 0 });
    expect(await stored(store, 'test/sum')).toEqual({ x: 3 });
  });
});

describe('records packed into aggregates', () => {
  const packed = (...items: readonly Item[]): Uint8Array =>
    peerAggregate(items.map((one) => ({ partitionKey: one.lane, data: Buffer.from(JSON.stringify(one)) })));

  test('are records of their own, and a repeat of the aggregate is a repeat of each', async () => {
    const { ports, store } = bench();
    const record = { ...delivered(1, ''), data: packed(item('A', 'x', 1), item('A', 'x', 2), item('A', 'x', 4)) };
    const { books } = await engine(summing(), ports).process([record]);
    expect(books).toMatchObject({ in: 3, applied: 3 });
    const again = await engine(summing(), ports).process([record, delivered(2, item('A', 'x', 8))]);
    expect(again.books).toMatchObject({ in: 4, applied: 1, duplicate: 3 });
    expect(await stored(store, 'test/sum')).toEqual({ x: 15 });
  });

  test('have the partition key they were packed under, and a place in the shard of the aggregate', async () => {
    const { ports, store } = bench();
    const worker = engine(summing(), ports, FOREIGN);
    const mixed = { ...delivered(9, '', { shard: '0' }), data: packed(item('A', 'a', 1), item('B', 'b', 2)) };
    // The shard that `A` hashes to has lower numbers.
    const own = delivered(2, item('A', 'a', 4), { shard: '1' });
    for (const records of [[mixed], [own], [mixed], [own]]) await worker.process(records);
    expect(await stored(store, 'test/sum')).toEqual({ a: 5, b: 2 });
  });
});

describe('a stream that was replaced under a living state', () => {
  test('counts from its beginning where its shards say that it is another one', async () => {
    const { ports, store } = bench();
    const worker = engine(summing(), ports, FOREIGN);
    await worker.process([delivered(500, item('A', 'x', 1), { shard: '0~aaaaaaaa' })]);
    const { books } = await worker.process([delivered(1, item('A', 'x', 2), { shard: '0~bbbbbbbb' })]);
    expect(books).toMatchObject({ applied: 1 });
    expect(await stored(store, 'test/sum')).toEqual({ x: 3 });
  });

  test('where they do not, makes dead letters that say so of new records, and no duplicates', async () => {
    const { ports, outputs, store } = bench();
    const worker = engine(summing(), ports, FOREIGN);
    await worker.process([delivered(500, item('A', 'x', 1), { shard: '0' })]);
    const late = { shard: '0', arrivalMs: ARRIVAL_MS + 86_400_000 };
    const { books, held } = await worker.process([
      delivered(1, item('A', 'x', 2), late),
      delivered(2, item('A', 'x', 4), late),
    ]);
    expect(held).toEqual([]);
    expect(books).toMatchObject({ in: 2, deadLettered: 2, duplicate: 0 });
    expect(outputs.letters.map(({ reason, sequenceNumber }) => [reason, sequenceNumber])).toEqual([
      ['position-went-back', '49000001'],
      ['position-went-back', '49000002'],
    ]);
    expect(outputs.letters[0]?.error).toMatch(
      /^sequence number 49000001 .* the record arrived later, at 2030-01-02T00:00:00.000Z: the stream was replaced.*Reset the state/u,
    );
    expect(await stored(store, 'test/sum')).toEqual({ x: 1 });
  });

  test('where no shard is known, goes on under numbers that the old stream cannot have given', async () => {
    const { ports, store } = bench();
    const worker = engine(summing(), ports, FOREIGN);
    // Of Kinesis' length, and yet no number of Kinesis: what some emulators give.
    const old = delivered(0, item('A', 'x', 1), { sequenceNumber: `4959${'0'.repeat(51)}7` });
    const replaced = [1, 2, 3].map((n) =>
      delivered(n, item('A', 'x', 2), { sequenceNumber: String(n).padStart(21, '0') }),
    );
    expect((await worker.process([old])).books).toMatchObject({ applied: 1 });
    expect((await worker.process(replaced)).books).toMatchObject({ applied: 3 });
    expect((await worker.process([old, ...replaced])).books).toMatchObject({ duplicate: 4 });
    expect(await stored(store, 'test/sum')).toEqual({ x: 7 });
  });

  test('is not what a repeat means, because it arrived when it arrived first', async () => {
    const { ports, outputs } = bench();
    const records = [1, 2, 3].map((at) => delivered(at, item('A', 'x', 1), { shard: '0', arrivalMs: ARRIVAL_MS + at }));
    await engine(summing(), ports, FOREIGN).process(records);
    const { books } = await engine(summing(), ports, FOREIGN).process(records);
    expect(books).toMatchObject({ in: 3, duplicate: 3 });
    expect(outputs.letters).toEqual([]);
  });
});

describe('a producer that counts its records', () => {
  const counted = (counter: (n: Item) => number | bigint | string): Stream<Item> => ({
    ...itemStream('in'),
    eventId: (value) => ({ producer: value.key, counter: counter(value) }),
  });

  test('may send one twice, to whichever shard: it is applied once', async () => {
    const { ports, store } = bench();
    const worker = engine(summing(counted(({ at }) => at / 1000)), ports, FOREIGN);
    const first = await worker.process([
      delivered(1, item('A', 'till', 1, 9), { shard: '0' }),
      delivered(2, item('A', 'till', 2, 10), { shard: '0' }),
      delivered(3, item('A', 'till', 2, 10), { shard: '0' }),
    ]);
    expect(first.books).toMatchObject({ applied: 2, duplicate: 1 });
    const other = await worker.process([
      delivered(7, item('A', 'till', 1, 9), { shard: '5' }),
      delivered(8, item('A', 'till', 4, 11), { shard: '5' }),
    ]);
    expect(other.books).toMatchObject({ applied: 1, duplicate: 1 });
    expect(await stored(store, 'test/sum')).toEqual({ till: 7 });
  });

  test('counts within a partition key and apart from other producers', async () => {
    const { ports } = bench();
    const { books } = await engine(summing(counted(() => 5)), ports, FOREIGN).process(
      batch(item('A', 'one', 1), item('A', 'two', 1), item('B', 'one', 1), item('A', 'one', 1)),
    );
    expect(books).toMatchObject({ applied: 3, duplicate: 1 });
  });

  test.each([[12n], ['12'], ['0012'], [12]])('gives its number as %p', async (counter) => {
    const { ports } = bench();
    const worker = engine(summing(counted(() => counter)), ports, FOREIGN);
    await worker.process(batch(item('A', 'till', 1)));
    const before = await engine(summing(counted(() => 9)), ports, FOREIGN).process([
      delivered(2, item('A', 'till', 1)),
    ]);
    expect(before.books).toMatchObject({ duplicate: 1 });
    const after = await engine(summing(counted(() => 100)), ports, FOREIGN).process([
      delivered(3, item('A', 'till', 1)),
    ]);
    expect(after.books).toMatchObject({ applied: 1 });
  });

  test.each([[-1], [1.5], [NaN], ['x'], [''], [1e30]])('that counts %p has sent a dead letter', async (counter) => {
    const { ports, outputs } = bench();
    const { books } = await engine(summing(counted(() => counter)), ports, FOREIGN).process(
      batch(item('A', 'till', 1)),
    );
    expect(books).toMatchObject({ in: 1, deadLettered: 1 });
    expect(outputs.letters[0]).toMatchObject({
      reason: 'undecodable',
      error: expect.stringContaining("eventId must give a producer's name and a counter that is a whole number from 0"),
    });
  });
});

describe('what looks like an envelope', () => {
  const enveloped = (sequence: number, position: string, one: Item) =>
    delivered(sequence, sealer('in', 'elsewhere@A;other/made')(position, 0, `"data":${JSON.stringify(one)}`));

  test('is a plain value where anyone may write the stream', async () => {
    const { ports, outputs } = bench();
    const { books } = await engine(summing(), ports, FOREIGN).process([enveloped(1, '0210', item('A', 'x', 1))]);
    expect(books).toMatchObject({ deadLettered: 1 });
    expect(outputs.letters[0]).toMatchObject({ reason: 'undecodable', error: 'not a item' });
  });

  test('is opened where another topology of ours writes it, and its repeats are known by its origin', async () => {
    const { ports, store } = bench();
    const ours = summing({ ...itemStream('in'), writtenBy: 'millrace' });
    const first = await engine(ours, ports, FOREIGN).process([enveloped(1, '0210', item('A', 'x', 1))]);
    expect(first.books).toMatchObject({ applied: 1 });
    // The other topology crashed and wrote it again, so it has another sequence number.
    const { books } = await engine(ours, ports, FOREIGN).process([
      enveloped(2, '0210', item('A', 'x', 1)),
      enveloped(3, '0211', item('A', 'x', 2)),
    ]);
    expect(books).toMatchObject({ duplicate: 1, applied: 1 });
    expect(await stored(store, 'test/sum')).toEqual({ x: 3 });
  });
});

describe('a dead letter that is given to its processor again', () => {
  const letter = (processorId: string) =>
    delivered(
      1,
      sealer('in', redriveLane('A', '3f9a01c2', processorId))('0210', 0, `"data":${JSON.stringify(item('A', 'x', 5))}`),
    );

  test('is applied by that processor, once', async () => {
    const { ports, store } = bench();
    expect((await engine(summing(), ports).process([letter('test/sum')])).books).toMatchObject({ applied: 1 });
    expect((await engine(summing(), ports).process([letter('test/sum')])).books).toMatchObject({ duplicate: 1 });
    expect(await stored(store, 'test/sum')).toEqual({ x: 5 });
  });

  test('is filtered by every other reader of the stream, whatever its step says', async () => {
    const { ports, store } = bench();
    const { books } = await engine(summing(), ports).process([letter('other/sum'), letter('other/test/sum')]);
    expect(books).toMatchObject({ in: 2, filtered: 2 });
    expect(await stored(store, 'test/sum')).toEqual({});
  });

  test('has outputs that every reader takes', async () => {
    const made = bench();
    const passing = processor({
      id: 'test/pass',
      from: itemStream('in'),
      to: { out: itemStream('out') },
      step: ({ value }) => ({ emit: { out: [value] } }),
    });
    await engine(passing, made.ports).process([letter('test/pass')]);
    const [output] = made.outputs.units.flatMap(({ payloads }) => payloads);
    const { books } = await engine(summing(itemStream('out')), made.ports).process([delivered(1, output ?? '')]);
    expect(books).toMatchObject({ applied: 1 });
    expect(emitted(made.outputs, 'out')[0]?.origin).toContain(';test/pass ');
  });
});
