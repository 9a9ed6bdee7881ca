import { expect, test } from '@jest/globals';
import { processor } from '../../shared/processor/processor.ts';
import { givenUpLetters } from '../../shared/runtime/given-up.ts';
import { stream } from '../../shared/stream/stream.ts';
import { text } from '../../shared/codec/text.ts';

const raw = stream('raw', { codec: text(), partitionKey: () => 'london' });
const totals = processor({ id: 'shop/totals', from: raw, to: {}, step: () => ({}) });

const event = {
  Records: [
    {
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: 'london',
        sequenceNumber: '49601189658422359378836298521827638475320189012309704722',
        data: 'eyJ9',
        approximateArrivalTimestamp: 1_573_691_884.835,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: 'shardId-000000000000:49601189658422359378836298521827638475320189012309704722',
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'arn:aws:iam::123456789012:role/lambda-role',
      awsRegion: 'us-east-2',
      eventSourceARN: 'arn:aws:kinesis:us-east-2:123456789012:stream/mystream',
    },
  ],
};

/** As the guide of AWS Lambda shows it. */
const document = (payload: unknown): string =>
  JSON.stringify({
    requestContext: {
      requestId: 'c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5',
      functionArn: 'arn:aws:lambda:us-east-2:123456789012:function:myfunction',
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 4,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: '2019-11-14T00:38:06.021Z',
    KinesisBatchInfo: { shardId: 'shardId-000000000001', batchSize: 1 },
    ...(payload === undefined ? {} : { payload }),
  });

test.each([
  ['an object', event],
  ['JSON text', JSON.stringify(event)],
])('a record that a mapping has given up is a dead letter, whether the event is %s', (_form, payload) => {
  expect(givenUpLetters(document(payload), totals)).toEqual([
    {
      processor: 'shop/totals',
      stream: 'raw',
      lane: 'raw/0~a6614f3c@london',
      position: '5649601189658422359378836298521827638475320189012309704722',
      partitionKey: 'london',
      sequenceNumber: '49601189658422359378836298521827638475320189012309704722',
      payload: 'eyJ9',
      reason: 'given-up',
      error:
        'given up after 4 attempts: RetryAttemptsExhausted, no retry was left; the last invocation failed: Unhandled',
    },
  ]);
});

test.each([
  ['without the event, as a queue gets it', document(undefined)],
  ['whose event has records of another kind', document({ Records: [{ dynamodb: {} }] })],
  ['whose event is no JSON', document('{oops')],
  ['that is no JSON', 'oops'],
])('a document %s is refused', (_kind, text) => {
  expect(() => givenUpLetters(text, totals)).toThrow(/holds no Kinesis event.*on-failure bucket/);
});

/** A document with another end than the one in the guide. */
const ended = (context: object, responseContext?: object): string =>
  JSON.stringify({ requestContext: context, ...(responseContext && { responseContext }), payload: event });

test.each([
  [
    'its age',
    ended({ condition: 'RecordAgeExceeded', approximateInvokeCount: 2 }, { statusCode: 200 }),
    'given up after 2 attempts: RecordAgeExceeded, the record became older than the mapping delivers; the last invocation reported a failure',
  ],
  [
    'a condition that is new',
    ended({ condition: 'SomethingNew', approximateInvokeCount: 1 }, { statusCode: 429 }),
    'given up after 1 attempt: SomethingNew; the last invocation was answered with status 429',
  ],
  ['nothing that the document says', ended({}), 'given up'],
])('a letter of a record that is given up for %s says so, and nothing else', (_what, text, error) => {
  expect(givenUpLetters(text, totals)).toEqual([expect.objectContaining({ reason: 'given-up', error })]);
});

test('a record that cannot be read is given up like the others of its batch, and its letter says both', () => {
  const [record] = event.Records;
  const broken = { ...record, kinesis: { ...record?.kinesis, data: undefined } };
  const text = document({ Records: [record, broken] });
  expect(givenUpLetters(text, totals).map(({ error, payload }) => ({ error, payload }))).toEqual([
    { error: expect.stringMatching(/Unhandled$/), payload: 'eyJ9' },
    { error: expect.stringMatching(/Unhandled; the event's record has no data/), payload: '' },
  ]);
});
