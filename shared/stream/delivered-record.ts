/**
 * One record as a shard hands it over, the same on Kinesis and in the embedded log.
 *
 * `sequenceNumber` is a decimal number as text and grows within a shard; compare it as a number.
 * `arrivalMs` is when the log took it, in milliseconds since 1970.
 */
export interface DeliveredRecord {
  readonly partitionKey: string;
  readonly sequenceNumber: string;
  readonly data: Uint8Array;
  readonly arrivalMs: number;
  /**
   * Which shard of which physical stream: sequence numbers have an order only within it. Letters, digits, `. _ ~ -`; see
   * `shardName`. Undefined where the caller does not know; the sequence number then says what it can.
   */
  readonly shard?: string | undefined;
}
