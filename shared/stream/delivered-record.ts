/**
 * One record as a shard hands it over, the same on Kinesis and in the embedded log.
 *
 * `sequenceNumber` is a decimal number as text and grows within a partition key; compare it as a number.
 * `arrivalMs` is when the log took it, in milliseconds since 1970.
 */
export interface DeliveredRecord {
  readonly partitionKey: string;
  readonly sequenceNumber: string;
  readonly data: Uint8Array;
  readonly arrivalMs: number;
}
