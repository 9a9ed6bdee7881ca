import { describe, expect, test } from '@jest/globals';
import { engine } from '../../shared/engine/engine.ts';
import { processor, type Processor } from '../../shared/processor/processor.ts';
import { tumbling } from '../../shared/processor/windows/tumbling.ts';
import { faultyPorts, firstShare } from '../../shared/testing/faults.ts';
import { windowed } from '../../shared/processor/windows/windowed.ts';
import { bench, delivered, emitted, item, itemStream } from '../support/engine-bench.ts';

const input = itemStream('in');
const output = itemStream('out');

const summing = processor({
  id: 'test/sum',
  from: input,
  to: { output },
  key: ({ key }) => key,
  initial: () => 0,
  step: ({ value, state }) => ({ state: state + value.n, emit: { output: [{ ...value, n: state + value.n }] } }),
});

const perMinute = windowed({
  id: 'test/per-minute',
  from: input,
  to: { output },
  key: ({ key }) => key,
  window: tumbling({ sizeMs: 60_000, graceMs: 0 }),
  initial: () => 0,
  add: (sum, { n }) => sum + n,
  emit: 'updates',
  result: (n, { key, partitionKey, startMs }) => ({ output: [{ lane: partitionKey, key, n, at: startMs }] }),
});

describe('what an environment keeps warm', () => {
  // A write that loses comes after the emission: the wrong value would be in the stream under the right origin, and the
  // right one would pass for its repeat.
  test.each<[string, Processor]>([
    ['without timers', summing],
    ['where event time stands still', perMinute],
  ])('is never emitted from once another one has worked on the partition, %s', async (_, described) => {
    const made = bench();
    const first = engine(described, made.ports);
    const other = engine(described, made.ports);
    await first.process([delivered(1, item('A', 'x', 1, 5))]);
    await other.process([delivered(2, item('A', 'x', 2, 5))]);
    await first.process([delivered(3, item('A', 'x', 4, 5))]);
    expect(emitted(made.outputs, 'out').map(({ value }) => value)).toMatchObject([{ n: 1 }, { n: 3 }, { n: 7 }]);
  });

  test('is forgotten by a slow one that finds, at its end, that another writer won', async () => {
    const made = bench();
    const other = engine(perMinute, made.ports);
    let meanwhile: (() => Promise<unknown>) | undefined;
    const slow = engine(
      perMinute,
      faultyPorts(made.ports, (point) => {
        const work = point === 'advance' ? meanwhile : undefined;
        meanwhile = point === 'advance' ? undefined : meanwhile;
        return work === undefined ? { kind: 'none' } : { kind: 'pause', until: work().then(() => undefined) };
      }),
    );
    await other.process([delivered(1, item('A', 'x', 1, 5))]);
    meanwhile = () => other.process([delivered(2, item('A', 'x', 2, 5))]);
    await slow.process([delivered(1, item('A', 'x', 1, 5))]);
    await slow.process([delivered(3, item('A', 'x', 4, 5))]);
    expect(emitted(made.outputs, 'out').map(({ value }) => value)).toMatchObject([{ n: 1 }, { n: 3 }, { n: 7 }]);
  });

  test('is forgotten where another writer has won and the batch then ends with an error', async () => {
    const made = bench();
    let isBroken = false;
    const { state } = made.ports;
    const breaking = {
      ...made.ports,
      state: {
        ...state,
        write: async (writes: Parameters<typeof state.write>[0]) => {
          const outcomes = await state.write(writes);
          isBroken = outcomes.includes('conflict');
          return outcomes;
        },
        progress: (collection: string, keys: readonly string[]) => {
          if (!isBroken) return state.progress(collection, keys);
          isBroken = false;
          return Promise.reject(new Error('the table is gone'));
        },
      },
    };
    const warm = engine(perMinute, breaking);
    await warm.process([delivered(1, item('A', 'x', 1, 5))]);
    // Another one commits, and ends before it leaves a trace in the progress of the partition.
    const ending = faultyPorts(made.ports, (point) =>
      point === 'advance' ? { kind: 'crash', takes: firstShare(0) } : { kind: 'none' },
    );
    await expect(engine(perMinute, ending).process([delivered(2, item('A', 'x', 2, 5))])).rejects.toThrow();
    await expect(warm.process([delivered(3, item('A', 'x', 4, 5))])).rejects.toThrow('the table is gone');
    const before = emitted(made.outputs, 'out').length;
    await warm.process([delivered(3, item('A', 'x', 4, 5))]);
    expect(emitted(made.outputs, 'out').slice(before)).toMatchObject([{ value: { n: 7 } }]);
  });

  test('is forgotten where the progress of the partition could not be written: others may leave no trace either', async () => {
    const made = bench();
    const traceless = faultyPorts(made.ports, (point) =>
      point === 'advance' ? { kind: 'refuse', takes: firstShare(0) } : { kind: 'none' },
    );
    await engine(perMinute, made.ports).process([delivered(1, item('A', 'x', 1, 5))]);
    const warm = engine(perMinute, traceless);
    await warm.process([delivered(2, item('A', 'x', 2, 5))]);
    await engine(perMinute, traceless).process([delivered(3, item('A', 'x', 4, 5))]);
    await warm.process([delivered(4, item('A', 'x', 8, 5))]);
    expect(emitted(made.outputs, 'out').map(({ value }) => value)).toMatchObject([
      { n: 1 },
      { n: 3 },
      { n: 7 },
      { n: 15 },
    ]);
  });
});
