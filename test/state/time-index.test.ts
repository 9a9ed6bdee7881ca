import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TimeIndex } from '../../shared/state/time-index.ts';

const step = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'),
  timeMs: fc.option(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(-Infinity, Infinity)), {
    nil: undefined,
    freq: 3,
  }),
});

test('holds the names that were set and not deleted, each at its last time', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const index = new TimeIndex();
      const model = new Map<string, number>();
      for (const { name, timeMs } of steps) {
        if (timeMs === undefined) {
          index.delete(name);
          model.delete(name);
        } else {
          index.set(name, timeMs);
          model.set(name, timeMs);
        }
        expect(index.size).toBe(model.size);
        for (const untilMs of [-Infinity, -2, 0, 3, Infinity]) {
          const expected = [...model].filter(([, at]) => at <= untilMs).map(([one]) => one);
          expect([...index.through(untilMs)].sort()).toEqual(expected.sort());
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('looks at what is due and at no other name', () => {
  const index = new TimeIndex();
  for (let n = 0; n < 100_000; n++) index.set(`later ${String(n)}`, 1_000 + n);
  index.set('due', 5);
  // A hundred thousand looks at all names would take minutes.
  let found = 0;
  for (let n = 0; n < 100_000; n++) found += index.through(10).length;
  expect(found).toBe(100_000);
});
