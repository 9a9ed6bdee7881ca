import { expect, test } from '@jest/globals';
import { engine } from '../../shared/engine/engine.ts';
import { processor } from '../../shared/processor/processor.ts';
import { json } from '../../shared/codec/json.ts';
import { stream } from '../../shared/stream/stream.ts';
import { bench, delivered, emitted, item, itemStream } from '../support/engine-bench.ts';

const texts = stream('texts', {
  codec: json('text', (value): value is string => typeof value === 'string'),
  partitionKey: (text) => text.slice(0, 300),
});

/** Gives out a text of as many characters as the record says. */
const writer = processor({
  id: 'test/write',
  from: itemStream('in'),
  to: { texts },
  step: ({ value }) => ({ emit: { texts: [value.key.repeat(value.n)] } }),
});

test.each([
  ['without a partition key', item('A', 'x', 0), /partition key of 0 characters: 1 to 256/],
  ['with too long a partition key', item('A', 'x', 257), /partition key of 257 characters/],
])('an output %s makes a dead letter of its record, and the lane goes on', async (_, bad, error) => {
  const { ports, outputs } = bench();
  const { books, held } = await engine(writer, ports).process([delivered(1, bad), delivered(2, item('A', 'y', 2))]);
  expect(held).toEqual([]);
  expect(books).toMatchObject({ in: 2, applied: 1, deadLettered: 1 });
  expect(outputs.letters[0]?.error).toMatch(error);
  expect(emitted(outputs, 'texts').map(({ value }) => value)).toEqual(['yy']);
});

test('an output that no stream takes because of its size makes a dead letter of its record', async () => {
  const notes = stream('notes', {
    codec: json('text', (value): value is string => typeof value === 'string'),
    partitionKey: () => 'key',
  });
  const wordy = processor({
    id: 'test/wordy',
    from: itemStream('in'),
    to: { notes },
    step: ({ value }) => ({ emit: { notes: [value.key.repeat(value.n)] } }),
  });
  const { ports, outputs } = bench();
  // Three bytes a character in UTF-8: the limit counts bytes.
  const { books } = await engine(wordy, ports).process([
    delivered(1, item('A', '€', 349_440)),
    delivered(2, item('A', '€', 349_500)),
  ]);
  expect(books).toMatchObject({ in: 2, applied: 1, deadLettered: 1 });
  expect(outputs.letters[0]?.error).toMatch(
    /record for stream 'notes' has 10486\d\d bytes with its key, at most 1048576/,
  );
});
