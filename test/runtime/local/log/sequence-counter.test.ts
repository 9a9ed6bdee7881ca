import { expect, test } from '@jest/globals';
import {
  SequenceCounter,
  positionOf,
  sequenceNumberAt,
} from '../../../../shared/runtime/local/log/sequence-counter.ts';

test('numbers go on growing, with the same length, where the last nine digits are used up', () => {
  const counter = new SequenceCounter(5_999_999_997);
  const given = [counter.next(), counter.next(), counter.next(), counter.next()];
  expect([...given].sort()).toEqual(given);
  expect(new Set(given.map((number) => number.length))).toEqual(new Set([56]));
  expect(given.map((number) => number.slice(-16))).toEqual([
    '0000005999999998',
    '0000005999999999',
    '0000006100000000',
    '0000006100000001',
  ]);
});

test('a counter goes on where another one stopped', () => {
  const first = new SequenceCounter(0);
  first.next();
  const second = new SequenceCounter(first.position);
  expect([second.latest, second.next()]).toEqual([first.latest, first.next()]);
});

test('a number and its position name the same place', () => {
  const counter = new SequenceCounter(0);
  const number = counter.next();
  expect([positionOf(number), sequenceNumberAt(counter.position)]).toEqual([counter.position, number]);
});
