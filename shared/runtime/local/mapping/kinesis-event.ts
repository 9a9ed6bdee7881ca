import { asBuffer } from '../../../codec/text-bytes.ts';
import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import type { KinesisEvent, KinesisEventRecord } from '../../kinesis-event.ts';
import type { InvocationBatch } from './invocation.ts';
import type { MappingNames } from './mapping-names.ts';

/** The batch as Lambda hands it to a function. */
export const kinesisEvent = ({ shardId, records, window }: InvocationBatch, names: MappingNames): KinesisEvent => {
  const Records = records.map((record) => eventRecord(record, shardId, names));
  if (window === undefined) return { Records };
  return {
    Records,
    window: { start: isoSeconds(window.startMs), end: isoSeconds(window.endMsExclusive) },
    state: window.state,
    shardId,
    eventSourceARN: names.streamArn,
    isFinalInvokeForWindow: window.isFinalInvokeForWindow,
    isWindowTerminatedEarly: window.isWindowTerminatedEarly,
  };
};

const isoSeconds = (timeMs: number): string => new Date(timeMs).toISOString().replace('.000Z', 'Z');

const eventRecord = (record: DeliveredRecord, shardId: string, names: MappingNames): KinesisEventRecord => ({
  kinesis: {
    kinesisSchemaVersion: '1.0',
    partitionKey: record.partitionKey,
    sequenceNumber: record.sequenceNumber,
    data: asBuffer(record.data).toString('base64'),
    approximateArrivalTimestamp: record.arrivalMs / 1000,
  },
  eventSource: 'aws:kinesis',
  eventVersion: '1.0',
  eventID: `${shardId}:${record.sequenceNumber}`,
  eventName: 'aws:kinesis:record',
  invokeIdentityArn: names.roleArn,
  awsRegion: names.region,
  eventSourceARN: names.streamArn,
});
