import { describe, expect, test } from '@jest/globals';
import { json } from '../../shared/codec/json.ts';
import { engine } from '../../shared/engine/engine.ts';
import type { EnginePorts } from '../../shared/engine/ports.ts';
import { notification } from '../../shared/processor/notification.ts';
import { processor } from '../../shared/processor/processor.ts';
import { stream, type Stream } from '../../shared/stream/stream.ts';
import {
  batch,
  bench,
  delivered,
  emitted,
  item,
  itemStream,
  stored,
  storedBy,
  valuesOf,
  type Item,
} from '../support/engine-bench.ts';

const input = itemStream('in');
const out = itemStream('out');
const isText = (value: unknown): value is string => typeof value === 'string';

const mailTo = (name: string, more: { readonly idOf?: (value: Item) => string } = {}) =>
  notification<Item>(name, {
    recipient: ({ key }) => `${key}@example.org`,
    digest: (to, values) => {
      if (values.some(({ n }) => n === 13)) throw new Error('thirteen cannot be said');
      return { id: name, to, subject: `${String(values.length)} items`, text: values.map(({ n }) => n).join() };
    },
    ...more,
  });

/** Counts per key; writes to the stream and, from n = 10 on, to the key's owner. */
const telling = (mail = mailTo('mail')) =>
  processor({
    id: 'test/tell',
    from: input,
    to: { out, mail },
    key: ({ key }) => key,
    initial: () => 0,
    step: ({ value, state }) => ({
      state: state + 1,
      emit: { out: [value], ...(value.n >= 10 && { mail: [value] }) },
    }),
  });

describe('an output that no stream takes', () => {
  const texts = stream('texts', { codec: json('text', isText), partitionKey: (text) => text.slice(0, 300) });
  /** Emits a text of as many characters as the record says. */
  const writer = processor({
    id: 'test/write',
    from: input,
    to: { texts },
    step: ({ value }) => ({ emit: { texts: [value.key.repeat(value.n)] } }),
  });

  test.each([
    ['without a partition key', item('A', 'x', 0), /partition key of 0 characters: 1 to 256/],
    ['with too long a partition key', item('A', 'x', 257), /partition key of 257 characters/],
    ['with half a character in its partition key', item('A', '\ud800', 1), /half of a surrogate pair/],
  ])('%s makes a dead letter of its record, and the partition goes on', async (_, bad, error) => {
    const { ports, outputs } = bench();
    const { books, held } = await engine(writer, ports).process([delivered(1, bad), delivered(2, item('A', 'y', 2))]);
    expect(held).toEqual([]);
    expect(books).toMatchObject({ in: 2, applied: 1, deadLettered: 1 });
    expect(outputs.letters[0]?.error).toMatch(error);
    expect(emitted(outputs, 'texts').map(({ value }) => value)).toEqual(['yy']);
  });

  test('because of its size makes a dead letter of its record; the limit counts bytes', async () => {
    const notes = stream('notes', { codec: json('text', isText), partitionKey: () => 'key' });
    const wordy = processor({
      id: 'test/wordy',
      from: input,
      to: { notes },
      step: ({ value }) => ({ emit: { notes: [value.key.repeat(value.n)] } }),
    });
    const { ports, outputs } = bench();
    const { books } = await engine(wordy, ports).process([
      delivered(1, item('A', '€', 349_440)),
      delivered(2, item('A', '€', 349_500)),
    ]);
    expect(books).toMatchObject({ in: 2, applied: 1, deadLettered: 1 });
    expect(outputs.letters[0]?.error).toMatch(
      /record for stream 'notes' has 10486\d\d bytes with its key, at most 1048576/,
    );
  });

  test.each<[string, unknown]>([
    ['a text', '2030-01-01'],
    ['a fraction', 0.5],
    ['null', null],
    ['a boolean', true],
    ['beyond what a Date holds', 9e15],
    ['too near to the end of what a Date holds for its reader', 8_639_900_000_000_000],
  ])(
    'because its time is %s makes a dead letter of each such record, and none is written with the time of another',
    async (_, time) => {
      const made = bench();
      // @ts-expect-error: a time of plain JavaScript may be anything.
      const odd: Stream<Item> = { ...out, eventTimeMs: (value: Item) => (value.n === 13 ? time : value.at) };
      const timed = processor({
        id: 'test/timed',
        from: input,
        to: { out: odd },
        step: ({ value }) => ({ emit: { out: [value] } }),
      });
      const { books } = await engine(timed, made.ports).process(
        batch(item('A', 'x', 1, 7), item('A', 'x', 13, 8), item('A', 'x', 13, 9), item('A', 'x', 2, 10)),
      );
      expect(books).toMatchObject({ in: 4, applied: 2, deadLettered: 2, emitted: 2 });
      expect(valuesOf(made, 'out')).toMatchObject([{ n: 1 }, { n: 2 }]);
    },
  );
});

describe('a delivery that can never be written', () => {
  test('to a stream makes dead letters of the records it came from, and of no others', async () => {
    const made = bench();
    made.outputs.fails = (delivery) =>
      delivery.kind === 'stream' && delivery.partitionKey === 'bad' ? 'access denied' : undefined;
    const spread = processor({
      id: 'test/spread',
      from: input,
      to: { out: { ...out, partitionKey: ({ key }: Item) => key } },
      key: () => 'all',
      initial: () => 0,
      step: ({ value, state }) => ({ state: state + value.n, emit: { out: [value] } }),
    });
    const { books, held } = await engine(spread, made.ports).process(
      batch(
        item('A', 'good', 1),
        item('A', 'bad', 2),
        item('A', 'good', 4),
        item('A', 'bad', 8),
        item('B', 'good', 16),
      ),
    );
    expect(held).toEqual([]);
    expect(books).toMatchObject({ in: 5, applied: 3, deadLettered: 2 });
    expect(made.outputs.letters.map(({ sequenceNumber, reason, error }) => [sequenceNumber, reason, error])).toEqual([
      ['49000002', 'step-failed', "stream 'out' will never take it: access denied"],
      ['49000004', 'step-failed', "stream 'out' will never take it: access denied"],
    ]);
    expect(await stored(made.store, 'test/spread')).toEqual({ all: 16 });
  });

  test('holds the partition at its record where the processor says so', async () => {
    const made = bench();
    made.outputs.fails = () => 'access denied';
    const holding = processor({
      id: 'test/hold',
      from: input,
      to: { out },
      onFault: 'hold',
      step: ({ value }) => ({ emit: { out: [value] } }),
    });
    const { books, held } = await engine(holding, made.ports).process(batch(item('A', 'x', 1)));
    expect(held).toMatchObject([
      { sequenceNumber: '49000001', because: "stream 'out' will never take it: access denied" },
    ]);
    expect(books).toMatchObject({ held: 1 });
  });

  test('to a person makes dead letters of the records it came from, in whichever partitions they are', async () => {
    const made = bench();
    const { books, held } = await engine(telling(), made.ports).process(
      batch(
        item('A', 'ann', 10),
        item('B', 'ann', 13),
        item('A', 'bob', 11),
        item('A', 'ann', 1),
        item('C', 'cat', 12),
      ),
    );
    expect(held).toEqual([]);
    expect(books).toMatchObject({ in: 5, applied: 3, deadLettered: 2 });
    expect(
      made.outputs.letters.map(({ partitionKey, sequenceNumber, error }) => [partitionKey, sequenceNumber, error]),
    ).toEqual([
      ['A', '49000001', "notification 'mail' will never take it: Error: thirteen cannot be said"],
      ['B', '49000002', "notification 'mail' will never take it: Error: thirteen cannot be said"],
    ]);
    expect(made.outputs.dispatches.map(({ recipient }) => recipient).sort()).toEqual(
      expect.arrayContaining(['bob@example.org', 'cat@example.org']),
    );
    expect(await storedBy(made.store, 'test/tell')).toEqual({ 'A ann': 1, 'A bob': 1, 'B ann': null, 'C cat': 1 });
  });

  test('of a timer makes a dead letter of the timer, which does not fire again', async () => {
    const made = bench();
    const closing = processor({
      id: 'test/close',
      from: input,
      to: { out },
      key: ({ key }) => key,
      initial: () => 0,
      timers: { graceMs: 0, idleAfterMs: 600_000, whenIdle: 'fire-all' },
      step: ({ value }) => (value.n === 0 ? { state: 0 } : { state: value.n, timerMs: value.at + 1000 }),
      onTimer: ({ state, key }) => ({ emit: { out: [item(state === 13 ? 'bad' : 'A', key, state)] } }),
    });
    made.outputs.fails = (delivery) =>
      delivery.kind === 'stream' && delivery.partitionKey === 'bad' ? 'gone' : undefined;
    const worker = engine(closing, made.ports);
    const { books, held } = await worker.process(
      batch(item('A', 'x', 13, 0), item('A', 'y', 1, 1), item('A', 'z', 0, 100)),
    );
    expect(held).toEqual([]);
    expect(books).toMatchObject({ in: 3, applied: 3, deadLettered: 0 });
    expect(made.outputs.letters).toMatchObject([
      { lane: 'timer@A/x', sequenceNumber: '', error: "stream 'out' will never take what a timer emitted: gone" },
    ]);
    await worker.process([delivered(4, item('A', 'z', 0, 200))]);
    expect(made.outputs.letters).toHaveLength(1);
    expect(valuesOf(made, 'out')).toEqual([item('A', 'y', 1)]);
  });

  test('whose dead letter cannot be kept holds', async () => {
    const made = bench();
    made.outputs.fails = () => 'gone';
    made.outputs.refusesLetters = true;
    const { books, held } = await engine(telling(), made.ports).process(batch(item('A', 'x', 1)));
    expect(held).toHaveLength(1);
    expect(books).toMatchObject({ held: 1, deadLettered: 0 });
    expect(await stored(made.store, 'test/tell')).toEqual({});
  });
});

describe('what is said to people', () => {
  test('by one batch to one of them is one message, from all partitions, and other people are other messages', async () => {
    const made = bench();
    await engine(telling(), made.ports).process(
      batch(item('A', 'ann', 10), item('B', 'ann', 11), item('B', 'bob', 12)),
    );
    expect(made.outputs.dispatches.map(({ recipient, message }) => [recipient, message.text])).toEqual([
      ['ann@example.org', '10,11'],
      ['bob@example.org', '12'],
    ]);
  });

  test('has ids that are the same however the batch is cut', async () => {
    const records = batch(item('A', 'ann', 10), item('B', 'ann', 11), item('A', 'ann', 12));
    const idsOf = async (size: number): Promise<readonly string[]> => {
      const made = bench();
      for (let at = 0; at < records.length; at += size)
        await engine(telling(), made.ports).process(records.slice(at, at + size));
      return made.outputs.dispatches.flatMap(({ ids }) => ids).sort();
    };
    const whole = await idsOf(3);
    expect(new Set(whole).size).toBe(3);
    expect(await idsOf(1)).toEqual(whole);
    expect(await idsOf(2)).toEqual(whole);
  });

  test('has the id that the notification gives it, where it gives one', async () => {
    const made = bench();
    await engine(telling(mailTo('mail', { idOf: ({ n }) => `alert-${String(n)}` })), made.ports).process(
      batch(item('A', 'ann', 10)),
    );
    expect(made.outputs.dispatches.map(({ ids }) => ids)).toEqual([['alert-10']]);
  });

  test('by two notifications of one record are two messages', async () => {
    const made = bench();
    const both = processor({
      id: 'test/both',
      from: input,
      to: { mail: mailTo('mail'), page: mailTo('page') },
      step: ({ value }) => ({ emit: { mail: [value], page: [value] } }),
    });
    await engine(both, made.ports).process(batch(item('A', 'ann', 10)));
    expect(
      made.outputs.dispatches.map(({ notification: name, recipient, message }) => [name, recipient, message.id]),
    ).toEqual([
      ['mail', 'ann@example.org', 'mail'],
      ['page', 'ann@example.org', 'page'],
    ]);
  });

  test('waits for streams and dead letters: where those are refused, no message is sent', async () => {
    const made = bench();
    made.outputs.refuses = ({ partitionKey }) => partitionKey === 'A';
    await engine(telling(), made.ports).process(batch(item('A', 'ann', 10), item('B', 'bob', 11)));
    expect(made.outputs.dispatches.map(({ recipient }) => recipient)).toEqual(['bob@example.org']);
  });

  test('and is refused holds every partition that has a part in the message, and only those', async () => {
    const made = bench();
    made.outputs.refusesMessage = ({ recipient }) => recipient === 'ann@example.org';
    const { held, books } = await engine(telling(), made.ports).process(
      batch(item('A', 'ann', 10), item('B', 'ann', 11), item('C', 'bob', 12)),
    );
    expect(held.map(({ partitionKey }) => partitionKey)).toEqual(['A', 'B']);
    expect(books).toMatchObject({ in: 3, applied: 1, held: 2 });
    expect(await stored(made.store, 'test/tell')).toEqual({ bob: 1 });
  });

  test('holds the whole batch of a fan-in processor where it is refused', async () => {
    const made = bench();
    made.outputs.refusesMessage = ({ recipient }) => recipient === 'ann@example.org';
    const described = telling();
    const shared = {
      ...described,
      ...(described.keyed !== undefined && { keyed: { ...described.keyed, fanIn: true } }),
    };
    const { books } = await engine(shared, made.ports).process(batch(item('A', 'ann', 10), item('B', 'bob', 1)));
    expect(books).toMatchObject({ in: 2, held: 2 });
    expect(await stored(made.store, 'test/tell')).toEqual({});
  });
});

describe('the origin of an output', () => {
  test('counts the values of its own output, so that another output of the step does not move it', async () => {
    const origins = async (extra: number): Promise<readonly string[]> => {
      const made = bench();
      const two = processor({
        id: 'test/two',
        from: input,
        to: { other: itemStream('other'), out },
        step: ({ value }) => ({ emit: { other: Array.from({ length: extra }, () => value), out: [value, value] } }),
      });
      await engine(two, made.ports).process(batch(item('A', 'x', 1)));
      return emitted(made.outputs, 'out').map(({ origin }) => origin);
    };
    expect(await origins(0)).toEqual(['in@A;test/two 0849000001.010', 'in@A;test/two 0849000001.011']);
    expect(await origins(3)).toEqual(await origins(0));
  });

  test('with idOf comes from the value, so that a step which emits others in the next attempt gives none the origin of another', async () => {
    const made = bench();
    const byKey = { ...out, idOf: ({ key }: Item) => key };
    const emitting = (...keys: readonly string[]) =>
      processor({
        id: 'test/rules',
        from: input,
        to: { out: byKey },
        step: ({ value }) => ({ emit: { out: keys.map((key) => ({ ...value, key })) } }),
      });
    await engine(emitting('ann', 'bob'), made.ports).process(batch(item('A', 'x', 1)));
    await engine(emitting('bob', 'cat'), made.ports).process(batch(item('A', 'x', 1)));
    const [ann, bob, again, cat] = emitted(made.outputs, 'out').map(({ origin }) => origin);
    expect(again).toBe(bob);
    expect(new Set([ann, bob, cat]).size).toBe(3);
    // A reader's ledger knows the one that it has, and takes the new one.
    const reader = processor({
      id: 'test/read',
      from: out,
      to: {},
      key: ({ key }) => key,
      initial: () => 0,
      step: ({ state }) => ({ state: state + 1 }),
    });
    const payloads = made.outputs.units.flatMap((unit) => unit.payloads);
    const { books } = await engine(reader, made.ports).process(
      payloads.map((payload, at) => delivered(at + 1, payload)),
    );
    expect(books).toMatchObject({ applied: 3, duplicate: 1 });
  });

  test('with one idOf for two values of a step would lose one of them: the record is a dead letter that says so', async () => {
    const made = bench();
    const same = processor({
      id: 'test/same',
      from: input,
      to: { out: { ...out, idOf: ({ key }: Item) => key } },
      step: ({ value }) => ({ emit: { out: [value, { ...value, n: 2 }] } }),
    });
    const { books } = await engine(same, made.ports).process(batch(item('A', 'x', 1)));
    expect(books).toMatchObject({ deadLettered: 1, emitted: 0 });
    expect(made.outputs.letters[0]?.error).toMatch(/idOf of 'out'/u);
  });

  test.each([[''], [7], [undefined]])('with an idOf that gives %p is the fault of its record', async (id) => {
    const made = bench();
    // @ts-expect-error: an id of plain JavaScript may be anything.
    const odd: Stream<Item> = { ...out, idOf: () => id };
    const { books } = await engine(
      processor({ id: 'test/odd', from: input, to: { out: odd }, step: ({ value }) => ({ emit: { out: [value] } }) }),
      made.ports,
    ).process(batch(item('A', 'x', 1)));
    expect(books).toMatchObject({ deadLettered: 1 });
    expect(made.outputs.letters[0]?.error).toMatch(/^idOf of 'out' must return text, got /u);
  });
});

test('streams are written before dead letters, dead letters before notifications, and state after all of them', async () => {
  const made = bench();
  const log: string[] = [];
  const { outputs, state } = made.ports;
  const ports: EnginePorts = {
    ...made.ports,
    state: {
      ...state,
      write: (writes) => {
        log.push('write');
        return state.write(writes);
      },
    },
    outputs: {
      deliver: (deliveries) => {
        log.push([...new Set(deliveries.map(({ kind }) => kind))].join());
        return outputs.deliver(deliveries);
      },
      deadLetter: (letters) => {
        log.push('dead-letter');
        return outputs.deadLetter(letters);
      },
    },
  };
  await engine(telling(), ports).process(batch(item('A', 'ann', 10), '{oops'));
  expect(log).toEqual(['stream', 'dead-letter', 'notification', 'write']);
});
