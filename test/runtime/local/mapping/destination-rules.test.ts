import { inTurn, MappingHarness, reports, START_MS, throwsOn } from '../../../support/mapping-harness.ts';
import type { Answer, HarnessOptions } from '../../../support/mapping-harness.ts';
import { ruleTable } from '../../../support/rule-table.ts';

const ONE_TRY = { maximumRetryAttempts: 0 } as const;

const run = async (answer: Answer, options: HarnessOptions): Promise<MappingHarness> => {
  const harness = new MappingHarness(answer, { ...ONE_TRY, ...options });
  harness.put('k:a');
  harness.nowMs += 250;
  harness.put('k:b');
  harness.nowMs += 1000;
  await harness.advance(300_000);
  return harness;
};

const expectedDocument = {
  requestContext: {
    requestId: 'id',
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:function',
    condition: 'RetryAttemptsExhausted',
    approximateInvokeCount: 1,
  },
  responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
  version: '1.0',
  timestamp: '2026-01-05T12:00:01.250Z',
  KinesisBatchInfo: {
    shardId: 'shardId-000000000000',
    startSequenceNumber: '49600000000000000000000000000000000000000000000100000001',
    endSequenceNumber: '49600000000000000000000000000000000000000000000100000002',
    approximateArrivalOfFirstRecord: '2026-01-05T12:00:00.000Z',
    approximateArrivalOfLastRecord: '2026-01-05T12:00:00.250Z',
    batchSize: 2,
    streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
  },
};

const objectsOf = async (): Promise<[string, Record<string, unknown>][]> => {
  const objects: [string, Record<string, unknown>][] = [];
  await run(throwsOn('k:a'), {
    onFailure: {
      kind: 's3',
      put: (key, text) => {
        const document: unknown = JSON.parse(text);
        objects.push([key, typeof document === 'object' && document !== null ? { ...document } : {}]);
      },
    },
  });
  return objects;
};

ruleTable('on-failure destination', [
  {
    rule: 'a queue gets metadata of the discarded batch, without any record',
    source: 'kinesis-on-failure-destination',
    scenario: async () => (await run(throwsOn('k:a'), {})).documents,
    expected: [expectedDocument],
  },
  {
    rule: 'a topic gets the same document',
    source: 'kinesis-on-failure-destination',
    scenario: async () => {
      const sent: string[] = [];
      await run(throwsOn('k:a'), { onFailure: { kind: 'sns', send: (document) => void sent.push(document) } });
      return sent.map((document): unknown => JSON.parse(document));
    },
    expected: [expectedDocument],
  },
  {
    rule: 'a bucket gets the document and the whole invocation payload',
    source: 'kinesis-on-failure-destination',
    scenario: async () => {
      const [[, { payload, ...document }] = ['', {}]] = await objectsOf();
      const event: unknown = JSON.parse(String(payload));
      return [document, event];
    },
    expected: [
      expectedDocument,
      {
        Records: ['a', 'b'].map((text, at) => ({
          kinesis: {
            kinesisSchemaVersion: '1.0',
            partitionKey: 'k',
            sequenceNumber: `4960000000000000000000000000000000000000000000010000000${String(at + 1)}`,
            data: Buffer.from(`k:${text}`).toString('base64'),
            approximateArrivalTimestamp: START_MS / 1000 + at * 0.25,
          },
          eventSource: 'aws:kinesis',
          eventVersion: '1.0',
          eventID: `shardId-000000000000:4960000000000000000000000000000000000000000000010000000${String(at + 1)}`,
          eventName: 'aws:kinesis:record',
          invokeIdentityArn: 'arn:aws:iam::000000000000:role/function',
          awsRegion: 'us-east-1',
          eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
        })),
      },
    ],
  },
  {
    rule: 'the object’s key holds mapping, shard, day, second and an id',
    source: 'kinesis-on-failure-destination',
    scenario: async () => (await objectsOf()).map(([key]) => key),
    expected: ['aws/lambda/function-s/shardId-000000000000/2026/01/05/2026-01-05T12.00.01-id'],
  },
  {
    rule: 'a batch that was given up for its response has no functionError',
    source: 'ours',
    scenario: async () => {
      const harness = await run(reports('k:a'), { reportBatchItemFailures: true });
      return harness.documents.map(({ responseContext }) => responseContext);
    },
    expected: [{ statusCode: 200, executedVersion: '$LATEST' }],
  },
  {
    rule: 'records that were never delivered have no responseContext',
    source: 'ours',
    scenario: async () => {
      const harness = new MappingHarness(() => null, { maximumRecordAgeInSeconds: 60 });
      harness.put('k:a');
      harness.nowMs += 61_000;
      await harness.settle();
      return [harness.texts, harness.documents.map((document) => 'responseContext' in document)];
    },
    expected: [[], [false]],
  },
  {
    rule: 'without a destination discarded records are dropped, and the shard goes on',
    source: 'kinesis-on-failure-destination',
    scenario: async () => {
      const harness = await run(throwsOn('k:a'), { onFailure: 'none', batchSize: 1 });
      return [harness.texts, harness.kinds('discarded').length];
    },
    expected: [[['k:a'], ['k:b']], 1],
  },
  {
    rule: 'a destination that fails is tried again, and its unit waits: nothing is lost without a trace',
    source: 'ours',
    scenario: async () => {
      let sends = 0;
      const send = (): void => {
        if (++sends < 3) throw new Error('queue is away');
      };
      const harness = await run(
        inTurn(throwsOn('k:a'), () => null),
        { onFailure: { kind: 'sqs', send }, batchSize: 1 },
      );
      return [sends, harness.calls.map(({ texts, atMs }) => [...texts, atMs - START_MS])];
    },
    expected: [
      3,
      [
        ['k:a', 1250],
        ['k:b', 4250],
      ],
    ],
  },
]);
