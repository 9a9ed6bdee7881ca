import { describe, expect, test } from '@jest/globals';
import { aggregate } from '../../shared/processor/aggregate.ts';
import { processor, type Processor } from '../../shared/processor/processor.ts';
import { rowOf, table } from '../../shared/processor/table.ts';
import { topology } from '../../shared/processor/topology.ts';
import { json } from '../../shared/codec/json.ts';
import type { Stream } from '../../shared/stream/stream.ts';
import { itemStream, type Item } from '../support/engine-bench.ts';

const [a, b, c] = ['a', 'b', 'c'].map(itemStream);
const pass = (id: string, from: Stream<Item> | undefined, to: Stream<Item> | undefined): Processor =>
  processor({ id, from: from ?? itemStream('none'), to: to === undefined ? {} : { to }, step: () => ({}) });
const numbers = table(
  'numbers',
  json('number', (value): value is number => typeof value === 'number'),
);
const count = (id: string): Processor =>
  aggregate({
    id,
    from: a ?? itemStream('none'),
    key: ({ key }) => key,
    as: numbers,
    initial: () => 0,
    add: (n) => n + 1,
  });

describe('a topology', () => {
  test('puts processors in the order data flows, whatever order they are given in', () => {
    const made = topology('test', [pass('second', b, c), pass('first', a, b)]);
    expect(made.processors.map(({ id }) => id)).toEqual(['first', 'second']);
  });

  test('knows where records come in: the streams that no processor writes', () => {
    const made = topology('test', [pass('first', a, b), pass('second', b, c)]);
    expect(made.sources).toEqual([a]);
    expect(made.streams.map(({ name }) => name).sort()).toEqual(['a', 'b', 'c']);
  });

  test('knows which tables it fills and which are given', () => {
    const lookup = processor({
      id: 'lookup',
      from: itemStream('a2'),
      to: {},
      tables: { row: rowOf(table('given', numbers.codec), ({ key }: Item) => key) },
      step: () => ({}),
    });
    const made = topology('test', [count('count'), lookup]);
    expect(made.tables).toEqual([numbers]);
    expect(made.references.map(({ name }) => name)).toEqual(['given']);
  });

  test('refuses two processors of one id', () => {
    expect(() => topology('test', [pass('x', a, b), pass('x', b, c)])).toThrow("two processors with the id 'x'");
  });

  test('refuses one name for two things', () => {
    expect(() => topology('test', [pass('x', a, b), pass('y', itemStream('b'), c)])).toThrow(
      "two different definitions named 'b': share one, or rename",
    );
  });

  test('refuses processors that feed each other in a circle', () => {
    expect(() => topology('test', [pass('x', a, b), pass('y', b, a)])).toThrow("in a circle: 'x', 'y'");
  });

  test('refuses a table that two processors fill', () => {
    expect(() => topology('test', [count('one'), count('other')])).toThrow(
      "table 'numbers' is filled by more than one",
    );
  });
});
