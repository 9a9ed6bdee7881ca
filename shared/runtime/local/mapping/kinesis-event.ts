import { asBuffer } from '../../../codec/text-bytes.ts';
import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import type { InvocationBatch } from './invocation.ts';

/** The AWS names that a mapping appears under in events and in on-failure documents. */
export interface MappingNames {
  readonly mappingUuid: string;
  readonly streamArn: string;
  readonly functionArn: string;
  readonly roleArn: string;
  readonly region: string;
}

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';

/** Names for a run that has no AWS account. The uuid is derived from the names, so it stays the same. */
export const localNames = (stream: string, functionName: string): MappingNames => ({
  mappingUuid: `${functionName}-${stream}`,
  streamArn: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/${stream}`,
  functionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${functionName}`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/${functionName}`,
  region: REGION,
});

/** One record of the event that a function gets from Lambda. */
interface KinesisEventRecord {
  readonly kinesis: {
    readonly kinesisSchemaVersion: '1.0';
    readonly partitionKey: string;
    readonly sequenceNumber: string;
    /** Base64. */
    readonly data: string;
    /** Seconds since 1970, with milliseconds as the fraction. */
    readonly approximateArrivalTimestamp: number;
  };
  readonly eventSource: 'aws:kinesis';
  readonly eventVersion: '1.0';
  /** Shard id and sequence number. */
  readonly eventID: string;
  readonly eventName: 'aws:kinesis:record';
  readonly invokeIdentityArn: string;
  readonly awsRegion: string;
  readonly eventSourceARN: string;
}

/** The event that a function gets from Lambda for a batch; the fields after `Records` only in a tumbling window. */
export interface KinesisEvent {
  readonly Records: readonly KinesisEventRecord[];
  readonly window?: { readonly start: string; readonly end: string };
  readonly state?: unknown;
  readonly shardId?: string;
  readonly eventSourceARN?: string;
  readonly isFinalInvokeForWindow?: boolean;
  readonly isWindowTerminatedEarly?: boolean;
}

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
