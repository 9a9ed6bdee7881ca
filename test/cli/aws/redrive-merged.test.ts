import { expect, test } from '@jest/globals';
import { planRedrive } from '../../../cli/aws/dead-letters/redrive-plan.ts';
import { text } from '../../../shared/codec/text.ts';
import type { DeadLetter } from '../../../shared/engine/dead-letter.ts';
import { processor } from '../../../shared/processor/processor.ts';
import { topology } from '../../../shared/processor/topology.ts';
import { memoryStore } from '../../../shared/state/memory-store.ts';
import { sealer } from '../../../shared/stream/envelope.ts';
import { merged } from '../../../shared/stream/merged.ts';
import { stream } from '../../../shared/stream/stream.ts';

test('of a merged stream, the ledger that is asked is that of the key its processor gives the value', async () => {
  const line = (name: string) => stream(name, { codec: text(), partitionKey: () => 'a' });
  const source = line('source');
  const goods = merged('goods', { came: line('came'), left: line('left') });
  const came = processor({
    id: 'came',
    from: source,
    to: { came: goods.inputs.came },
    step: ({ value }) => ({ emit: { came: [value] } }),
  });
  const stock = processor({
    id: 'stock',
    from: goods,
    to: {},
    key: (value, _timeMs, input) => `${input} ${value}`,
    initial: () => 0,
    step: ({ state }) => ({ state: state + 1 }),
  });
  const state = memoryStore();
  const [lane, position] = ['source@a;came', '011.010'];
  const ledger = { [lane]: position };
  const address = { collection: 'stock', partitionKey: 'a', key: 'came tea' };
  await state.write([{ ...address, expected: 0, state: '1', ledger, timerMs: undefined, writtenAtMs: 0 }]);
  const payload = sealer('goods', lane)(position, 0, '"data":{"input":"came","value":"tea"}');
  const letter: DeadLetter = {
    ...{ lane, position, processor: 'stock', stream: 'goods', partitionKey: 'a', sequenceNumber: '1' },
    payload: Buffer.from(payload).toString('base64'),
    reason: 'given-up',
    error: 'given up',
  };
  const [planned] = await planRedrive(topology('goods', [came, stock]), state, letter, 'abc');
  expect(planned.verdict).toMatchObject({ kind: 'applied', why: 'the ledger of came tea has it' });
});
