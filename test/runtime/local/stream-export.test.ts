import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { notes } from '../../../shared/runtime/local/notes.ts';
import { streamExport, type StreamExport } from '../../../shared/runtime/local/stream-export.ts';
import { dataMember, sealer } from '../../../shared/stream/envelope.ts';
import { laneThrough, rootLane, sortableNumber } from '../../../shared/stream/origin.ts';
import { item, itemStream } from '../../support/engine-bench.ts';

const out = itemStream('out');
const raw = itemStream('raw');

const open = (database: DatabaseSync): StreamExport =>
  streamExport(database, { streams: [out, raw], sources: [raw] }, notes(database));

/** An envelope as a processor writes it. */
const sealed = (processor: string, root: string, sequence: number): string =>
  sealer('out', laneThrough(rootLane('in', '0', root), processor))(
    sortableNumber(String(sequence)),
    0,
    dataMember(out.codec, item(root, 'x', sequence)),
  );

const linesOf = (from: StreamExport): string =>
  Array.from(from.lines('out'), (bytes) => Buffer.from(bytes).toString('utf8')).join('\n');

const line = (root: string, sequence: number): string => JSON.stringify(item(root, 'x', sequence));

test('lines stand by partition key, then by writer, then in order, however they came', () => {
  const taken = open(new DatabaseSync(':memory:'));
  taken.take('out', 'B', [sealed('p', 'B', 1)]);
  taken.take('out', 'A', [sealed('q', 'A', 1), sealed('q', 'A', 2)]);
  taken.save();
  taken.take('out', 'A', [sealed('p', 'A', 3)]);
  taken.take('out', 'B', [sealed('p', 'B', 10)]);
  taken.save();
  expect(linesOf(taken)).toBe([line('A', 3), line('A', 1), line('A', 2), line('B', 1), line('B', 10)].join('\n'));
});

test('what is written twice is taken once, also where a repeat begins earlier', () => {
  const taken = open(new DatabaseSync(':memory:'));
  taken.take('out', 'A', [sealed('p', 'A', 1), sealed('p', 'A', 2)]);
  taken.take('out', 'A', [sealed('p', 'A', 1), sealed('p', 'A', 2), sealed('p', 'A', 3)]);
  taken.save();
  expect(linesOf(taken)).toBe([line('A', 1), line('A', 2), line('A', 3)].join('\n'));
});

test('siblings, whose ids have no order, are each taken once', () => {
  const taken = open(new DatabaseSync(':memory:'));
  const lane = laneThrough(rootLane('in', '0', 'A'), 'p');
  const siblings = ['0211.~bb', '0211.~aa', '0211.~bb', '0212.~cc', '0211.~aa'].map((position) =>
    sealer('out', lane)(position, 0, `"data":"${position}"`),
  );
  taken.take('out', 'A', siblings);
  taken.save();
  expect(linesOf(taken)).toBe('"0211.~bb"\n"0211.~aa"\n"0212.~cc"');
});

test('a lane spread over two partition keys has an order of its own in each', () => {
  const taken = open(new DatabaseSync(':memory:'));
  taken.take('out', 'X', [sealed('p', 'A', 2)]);
  taken.take('out', 'Y', [sealed('p', 'A', 1)]);
  taken.save();
  expect(linesOf(taken)).toBe([line('A', 2), line('A', 1)].join('\n'));
});

test('a run that continues appends to what it had', () => {
  const database = new DatabaseSync(':memory:');
  const first = open(database);
  first.take('out', 'A', [sealed('p', 'A', 1)]);
  first.save();
  const second = open(database);
  second.take('out', 'A', [sealed('p', 'A', 2)]);
  second.save();
  expect(linesOf(second)).toBe([line('A', 1), line('A', 2)].join('\n'));
});

test('a foreign record is a line if it can be decoded, and none if not', () => {
  const taken = open(new DatabaseSync(':memory:'));
  taken.take('out', 'A', [line('A', 7), '{oops']);
  taken.save();
  expect(linesOf(taken)).toBe(line('A', 7));
});

test('what comes from outside is never taken for an envelope', () => {
  const taken = open(new DatabaseSync(':memory:'));
  taken.take('raw', 'A', [sealed('p', 'A', 9), line('A', 1)]);
  taken.save();
  const lines = Array.from(taken.lines('raw'), (bytes) => Buffer.from(bytes).toString('utf8'));
  expect(lines).toEqual([line('A', 1)]);
});
