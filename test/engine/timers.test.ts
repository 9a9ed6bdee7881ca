import { describe, expect, test } from '@jest/globals';
import { engine } from '../../shared/engine/engine.ts';
import { processor } from '../../shared/processor/processor.ts';
import type { DeliveredRecord } from '../../shared/stream/delivered-record.ts';
import { bench, delivered, emitted, item, itemStream, type Item } from '../support/engine-bench.ts';

const input = itemStream('in');
const seen = itemStream('seen');
const missed = itemStream('missed');

const MINUTE_MS = 60_000;

/** Says with each record how often its key was missed, and when it is missed for a minute. */
const absence = processor({
  id: 'test/absence',
  from: input,
  to: { seen, missed },
  key: ({ key }) => key,
  initial: () => 0,
  timers: { graceMs: 0, idleAfterMs: 10 * MINUTE_MS, whenIdle: 'follow-clock' },
  step: ({ value, state, timeMs }) => ({
    state,
    emit: { seen: [{ ...value, n: state }] },
    timerMs: timeMs + MINUTE_MS,
  }),
  onTimer: ({ state, key, partitionKey, timerMs }) => ({
    state: state + 1,
    emit: { missed: [{ lane: partitionKey, key, n: state + 1, at: timerMs }] },
  }),
});

const batch = (...items: readonly Item[]): readonly DeliveredRecord[] =>
  items.map((one, index) => delivered(index + 1, one));

const valuesOf = (made: ReturnType<typeof bench>, name: string): readonly unknown[] =>
  emitted(made.outputs, name).map(({ value }) => value);

describe('a timer', () => {
  //  event time   0       60      90      100
  //  x            seen    ^ due           seen
  //  y                            seen
  const records = batch(item('A', 'x', 0, 0), item('A', 'y', 0, 90), item('A', 'x', 0, 100));

  test.each([1, 2, 3])('fires between two records, however they are cut into batches: %i at a time', async (size) => {
    const made = bench();
    for (let at = 0; at < records.length; at += size) {
      await engine(absence, made.ports).process(records.slice(at, at + size));
    }
    expect(valuesOf(made, 'missed')).toEqual([item('A', 'x', 1, 60)]);
    expect(valuesOf(made, 'seen')).toEqual([item('A', 'x', 0, 0), item('A', 'y', 0, 90), item('A', 'x', 1, 100)]);
  });

  test('that is set back behind one that has fired fires at once, as a record of its own', async () => {
    const made = bench();
    const back = batch(item('A', 'x', 0, 0), item('A', 'y', 0, 200), item('A', 'x', 0, -100), item('A', 'y', 0, 201));
    await engine(absence, made.ports).process(back);
    const origins = emitted(made.outputs, 'missed').map(({ origin }) => origin);
    expect(valuesOf(made, 'missed')).toEqual([item('A', 'x', 1, 60), item('A', 'x', 2, 60.001)]);
    expect(origins).toEqual([...new Set(origins)].sort());
  });

  test('that fires again on another environment does so behind the last one that fired', async () => {
    const made = bench();
    await engine(absence, made.ports).process(batch(item('A', 'x', 0, 0), item('A', 'y', 0, 200)));
    await engine(absence, made.ports).process([delivered(3, item('A', 'x', 0, 0))]);
    expect(valuesOf(made, 'missed')).toEqual([item('A', 'x', 1, 60), item('A', 'x', 2, 60.001)]);
  });

  test('of many keys fires in the order of due time, then key', async () => {
    const made = bench();
    const keys = [7, 3, 9, 1, 5, 8, 2, 6, 4, 0];
    const items = keys.map((key) => item('A', `k${String(key)}`, 0, key - (key % 2)));
    await engine(absence, made.ports).process(batch(...items, item('A', 'end', 0, 500)));
    expect(valuesOf(made, 'missed')).toMatchObject(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((key) => ({ key: `k${String(key)}` })),
    );
  });
});

test('a processor without timers knows no event time but that of its record', async () => {
  const made = bench();
  const watermarks: number[] = [];
  const watching = processor({
    id: 'test/watch',
    from: input,
    to: {},
    key: ({ key }) => key,
    initial: () => 0,
    step: ({ watermarkMs }) => {
      watermarks.push(watermarkMs);
      return {};
    },
  });
  await engine(watching, made.ports).process(batch(item('A', 'x', 1, 5), item('A', 'x', 1, 10)));
  expect(watermarks).toEqual([-Infinity, -Infinity]);
});
