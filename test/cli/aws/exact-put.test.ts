import { KinesisClient } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exactPut } from '../../../cli/aws/produce/exact-put.ts';
import { markedEntries } from '../../../cli/aws/produce/marked-aggregate.ts';
import { watchClient } from '../../../cli/aws/produce/watched-client.ts';
import { deaggregate } from '../../../shared/codec/kpl.ts';
import { clientOptions } from '../../support/faulty-aws/client-options.ts';
import { faultyService, type FaultyService } from '../../support/faulty-aws/faulty-service.ts';
import { SmallKinesis, type PutFault } from './support/small-kinesis.ts';

let service: FaultyService;
beforeAll(async () => {
  service = await faultyService();
});
afterAll(() => service.close());

const interrupt = { signal: undefined, exitCode: 0, [Symbol.dispose]: () => undefined };
const KEYS = ['US-AZ', 'US-CA', 'MX', 'CA'];
const linesOf = (key: string, part: number): readonly string[] =>
  Array.from({ length: 3 }, (_, index) => `${key} ${String(part)}.${String(index)}`);
/** Three Kinesis records a key. */
const PARTS = [0, 1, 2];
const entries = PARTS.flatMap((part) =>
  markedEntries(new Map(KEYS.map((key) => [key, linesOf(key, part)])), { run: 'abcdefghijklmnopqrstuv', record: part }),
);
const groups = new Map(KEYS.map((key) => [key, PARTS.flatMap((part) => linesOf(key, part))]));

const put = async (kinesis: SmallKinesis, doubtFromMs?: number): Promise<void> => {
  service.react = (request) => kinesis.react(request);
  const client = new KinesisClient(clientOptions(service.endpoint));
  const watched = watchClient(client);
  await exactPut({ client, watched, streamName: 'raw', settleMs: 0, interrupt }).put(entries, doubtFromMs);
};
const payloadsIn = (kinesis: SmallKinesis): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>();
  for (const { data } of kinesis.content()) {
    const unpacked = deaggregate(Uint8Array.from(data));
    if (unpacked.kind === 'malformed') throw new Error(unpacked.reason);
    for (const record of unpacked.records) {
      const texts = found.get(record.partitionKey) ?? [];
      found.set(record.partitionKey, texts);
      texts.push(Buffer.from(record.data).toString());
    }
  }
  return found;
};

const fault: fc.Arbitrary<PutFault> = fc.oneof(
  fc.constantFrom<PutFault>({ kind: 'none' }, { kind: 'throttled' }),
  fc.record({ kind: fc.constant('partly-throttled' as const), failing: fc.nat(15) }),
  fc.record({ kind: fc.constant('lost' as const), written: fc.nat(4) }),
  fc.record({ kind: fc.constant('internal' as const), failing: fc.nat(15), written: fc.boolean() }),
);

test('whatever is throttled, lost or half written, each line is in the stream once and each key in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 6 }), async (faults) => {
      const kinesis = new SmallKinesis(3, faults);
      await put(kinesis);
      expect(payloadsIn(kinesis)).toEqual(groups);
    }),
    { numRuns: 25 },
  );
});

test('what an earlier process may have written is looked for before anything is written', async () => {
  const kinesis = new SmallKinesis(3, []);
  await put(kinesis);
  const { puts } = kinesis;
  await put(kinesis, Date.now());
  expect(kinesis.puts).toBe(puts);
  expect(payloadsIn(kinesis)).toEqual(groups);
});

test('a missing stream is reported with a remedy', async () => {
  service.react = () => ({
    kind: 'answer',
    status: 400,
    contentType: 'application/x-amz-json-1.1',
    body: JSON.stringify({ __type: 'ResourceNotFoundException', message: 'Stream raw not found' }),
  });
  const client = new KinesisClient(clientOptions(service.endpoint));
  const exact = exactPut({ client, watched: watchClient(client), streamName: 'raw', settleMs: 0, interrupt });
  await expect(exact.put(entries, undefined)).rejects.toThrow(
    'something of the deployment is gone (Stream raw not found) while writing to raw; deploy again',
  );
});
