import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasApplied, isAtOrBefore, withApplied } from '../../shared/engine/ledger.ts';
import { childPosition, siblingPosition, sortableNumber } from '../../shared/stream/origin.ts';

/** A record of a lane: the parent it was made of, and which of its siblings it is; undefined where they are counted. */
interface Step {
  readonly parent: number;
  readonly sibling: string | undefined;
}

const positionOf = ({ parent, sibling }: Step): string => {
  const position = sortableNumber(String(parent));
  return sibling === undefined ? childPosition(position, 0) : siblingPosition(position, sibling);
};

/** Records of one lane in order: parents grow, siblings of one parent come in any order and each once. */
const lane = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 1, max: 5 }),
      siblings: fc.uniqueArray(fc.constantFrom('0a', '1b', '2c', 'ff', 'a', 'aa'), { maxLength: 4 }),
    }),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((parents) => {
    const steps: Step[] = [];
    let parent = 0;
    for (const { gap, siblings } of parents) {
      parent += gap;
      if (siblings.length === 0) steps.push({ parent, sibling: undefined });
      for (const sibling of siblings) steps.push({ parent, sibling });
    }
    return steps.map(positionOf);
  });

describe('a ledger', () => {
  test('has applied exactly what was applied, wherever a lane of records and siblings is cut', () => {
    fc.assert(
      fc.property(lane, fc.nat(40), (positions, cut) => {
        const end = cut % (positions.length + 1);
        let applied: string | undefined;
        for (const position of positions.slice(0, end)) applied = withApplied(applied, position);
        const ledger = applied === undefined ? {} : { lane: applied };
        for (const [index, position] of positions.entries()) {
          expect({ position, isApplied: hasApplied(ledger, 'lane', position) }).toEqual({
            position,
            isApplied: index < end,
          });
        }
      }),
    );
  });

  test('knows siblings whatever order they come in again', () => {
    const first = siblingPosition('0210', 'bb');
    const other = siblingPosition('0210', 'aa');
    const third = siblingPosition('0210', 'cc');
    const applied = withApplied(withApplied(undefined, first), other);
    expect([first, other, third].map((position) => isAtOrBefore(position, applied))).toEqual([true, true, false]);
  });

  test('does not take one id for another that it is a part of', () => {
    const applied = withApplied(undefined, siblingPosition('0210', 'abcd'));
    for (const id of ['abc', 'bcd', 'b', 'abcde'])
      expect(isAtOrBefore(siblingPosition('0210', id), applied)).toBe(false);
  });

  test('forgets the siblings of a record when the next one comes, which is why entries do not grow', () => {
    let applied = withApplied(undefined, siblingPosition('0210', 'aa'));
    applied = withApplied(applied, siblingPosition('0210', 'bb'));
    applied = withApplied(applied, siblingPosition('0211', 'aa'));
    expect(applied).toBe('0211.~aa');
    expect(isAtOrBefore(siblingPosition('0210', 'bb'), applied)).toBe(true);
  });

  test('keeps what is made of siblings apart as it keeps the siblings', () => {
    const made = (id: string): string => childPosition(siblingPosition('0210', id), 0);
    const applied = withApplied(undefined, made('bb'));
    expect([made('aa'), made('bb')].map((position) => isAtOrBefore(position, applied))).toEqual([false, true]);
  });

  test('knows nothing of a lane that is not in it', () => {
    expect(hasApplied({ 'in@A': '0210' }, 'in@B', '0101')).toBe(false);
  });
});
