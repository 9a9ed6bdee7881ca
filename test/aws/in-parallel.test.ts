import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inParallel } from '../../shared/aws/in-parallel.ts';

test('every item is worked on once, no more at a time than allowed, and answers come in the order of the items', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(3), { maxLength: 20 }), async (most, waits) => {
      let open = 0;
      let maxOpen = 0;
      const answers = await inParallel(most, [...waits.entries()], async ([index, wait]) => {
        open += 1;
        maxOpen = Math.max(maxOpen, open);
        for (let turn = 0; turn < wait; turn++) await setImmediate();
        open -= 1;
        return index;
      });
      expect(answers).toEqual([...waits.keys()]);
      expect(maxOpen).toBeLessThanOrEqual(most);
    }),
    { numRuns: 30 },
  );
});

test('an answer may be undefined', async () => {
  expect(await inParallel(2, [1, 2], () => Promise.resolve(undefined))).toEqual([undefined, undefined]);
});

test('after one that throws none is begun, and those begun end first', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = inParallel(2, [0, 1, 2, 3, 4], async (index) => {
    begun.push(index);
    if (index === 1) throw new Error('one');
    await setImmediate();
    ended.push(index);
  });
  await expect(work).rejects.toThrow('one');
  expect([begun, ended]).toEqual([[0, 1], [0]]);
});
