import { expect, test } from '@jest/globals';
import { planRedrive } from '../../../cli/aws/dead-letters/redrive-plan.ts';
import { text } from '../../../shared/codec/text.ts';
import type { DeadLetter } from '../../../shared/engine/dead-letter.ts';
import { processor } from '../../../shared/processor/processor.ts';
import { topology } from '../../../shared/processor/topology.ts';
import { memoryStore } from '../../../shared/state/memory-store.ts';
import { sealer } from '../../../shared/stream/envelope.ts';
import { stream } from '../../../shared/stream/stream.ts';

const lines = stream('lines', { codec: text(), partitionKey: () => 'a', writtenBy: 'millrace' });
const echoes = stream('echoes', { codec: text(), partitionKey: () => 'a' });
const echo = processor({
  id: 'echo',
  from: lines,
  to: { echoes },
  key: (line) => line,
  initial: () => 0,
  step: ({ value, state }) => ({ state: state + 1, emit: { echoes: [value] } }),
});
const reader = processor({
  id: 'reader',
  from: echoes,
  to: {},
  key: () => 'all',
  initial: () => 0,
  step: ({ state }) => ({ state: state + 1 }),
});

test.each([
  ['has what came after it', '012.010', 'superseded'],
  ['has it, from before it was given up', '011.010', 'apply'],
  ['has not come so far', '010.010', 'apply'],
])(
  'where a reader of what is made of a given-up record %s, the verdict is right for both',
  async (_what, newest, kind) => {
    const state = memoryStore();
    const address = { collection: 'reader', partitionKey: 'a', key: 'all' };
    const ledger = { 'lines@a;echo': newest };
    await state.write([{ ...address, expected: 0, state: '1', ledger, timerMs: undefined, writtenAtMs: 0 }]);
    const letter: DeadLetter = {
      ...{
        lane: 'lines@a',
        position: '011',
        processor: 'echo',
        stream: 'lines',
        partitionKey: 'a',
        sequenceNumber: '1',
      },
      payload: Buffer.from(sealer('lines', 'lines@a')('011', 0, '"data":"tea"')).toString('base64'),
      reason: 'given-up',
      error: 'given up',
    };
    const source = { ...lines, name: 'before' };
    const before = processor({
      id: 'before',
      from: source,
      to: { lines },
      step: ({ value }) => ({ emit: { lines: [value] } }),
    });
    const [planned] = await planRedrive(topology('echoes', [before, echo, reader]), state, letter, 'abc');
    expect(planned.verdict.kind).toBe(kind);
  },
);
