import type { Context } from 'aws-lambda';
import type { Processor } from '../../../shared/processor/processor.ts';
import { kinesisEvent, localNames } from '../../../shared/runtime/local/mapping/kinesis-event.ts';
import { environmentVariables } from '../../../shared/runtime/lambda/environment.ts';
import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';

/** What a context still has from the time of callbacks; nothing calls it. */
const LEGACY = { done: () => undefined, fail: () => undefined, succeed: () => undefined };

/** The context that Lambda gives, with this much time left. */
export const contextWith = (remainingMs: number): Context => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'test-function',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:test-function',
  memoryLimitInMB: '512',
  awsRequestId: '11111111-2222-3333-4444-555555555555',
  logGroupName: '/aws/lambda/test-function',
  logStreamName: 'stream',
  getRemainingTimeInMillis: () => remainingMs,
  ...LEGACY,
});

/** The event that Lambda gives for records of one shard. */
export const eventOf = (records: readonly DeliveredRecord[]): unknown =>
  JSON.parse(JSON.stringify(kinesisEvent({ shardId: 'shardId-000000000000', records }, localNames('in', 'function'))));

/** Variables that a deployment sets for a processor, whose resources have the names of the topology followed by `-here`. */
export const variablesFor = (processor: Processor, inputIsForeign = true): Record<string, string> => {
  const here = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, `${name}-here`]));
  const outputs = Object.values(processor.to);
  const filled = processor.keyed?.as === undefined ? [] : [processor.keyed.as.name];
  return environmentVariables({
    processor: processor.id,
    deployment: 'millrace-test-dev',
    inputIsForeign,
    streams: here(outputs.filter(({ kind }) => kind === 'stream').map(({ name }) => name)),
    topics: here(outputs.filter(({ kind }) => kind === 'notification').map(({ name }) => name)),
    stateTable: 'state-here',
    tables: here(filled),
    references: here(Object.values(processor.tables).map(({ table }) => table.name)),
    deadLetterBucket: 'letters-here',
    concurrency: 2,
  });
};
