import { expect, test } from '@jest/globals';
import { localRuntime, memoryStorage, processor, stream, text, topology } from '../../../shared/index.ts';

test('a stream of a run can be read while it goes on: what is new each time, foreign input too', async () => {
  const lines = stream('lines', { codec: text(), partitionKey: () => 'all' });
  const words = stream('words', { codec: text(), partitionKey: (word) => word });
  const split = processor({
    id: 'test/split',
    from: lines,
    to: { words },
    step: ({ value }) => ({ emit: { words: value.split(' ') } }),
  });
  const storage = memoryStorage();
  const runtime = localRuntime({ topology: topology('test', [split]), storage, nowMs: () => 0, shards: 1 });
  const input = runtime.reader(lines);
  const output = runtime.reader(words);

  runtime.produce('lines', 'all', ['the mill']);
  expect([input.read('once'), output.read('once')]).toEqual([['the mill'], []]);
  await runtime.drain();
  expect([input.read('once'), output.read('once')]).toEqual([[], ['the', 'mill']]);

  runtime.produce('lines', 'all', ['goes round']);
  await runtime.drain();
  expect(output.read('once')).toEqual(['goes', 'round']);
  expect(runtime.reader(words).read('once')).toEqual(['the', 'mill', 'goes', 'round']);
  storage.close();
});
