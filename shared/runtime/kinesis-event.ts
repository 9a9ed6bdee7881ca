import type { DeliveredRecord } from '../stream/delivered-record.ts';

/** The part of Lambda's Kinesis event that a processor needs; `data` is base64, the arrival is in seconds. */
export interface KinesisEvent {
  readonly Records: readonly {
    readonly kinesis: {
      readonly partitionKey: string;
      readonly sequenceNumber: string;
      readonly data: string;
      readonly approximateArrivalTimestamp: number;
    };
  }[];
}

/** The records of a Lambda event as the engine takes them. */
export const deliveredRecords = (event: KinesisEvent): readonly DeliveredRecord[] =>
  event.Records.map(({ kinesis: { partitionKey, sequenceNumber, data, approximateArrivalTimestamp } }) => ({
    partitionKey,
    sequenceNumber,
    data: Buffer.from(data, 'base64'),
    arrivalMs: Math.round(approximateArrivalTimestamp * 1000),
  }));
