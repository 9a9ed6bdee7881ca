import { sealer } from '../../../shared/stream/envelope.ts';
import { redriveLane, sortableNumber, type Origin } from '../../../shared/stream/origin.ts';

/** A record as it would be put into the input stream of the processor that could not take it. */
export interface RedrivenRecord extends Origin {
  readonly partitionKey: string;
  /** Event time, in milliseconds since 1970. */
  readonly timeMs: number;
  /** JSON text of the value, or its base64, as {@link RedrivenRecord.member} says. */
  readonly data: string;
  readonly member: 'data' | 'data_base64';
  /** Id of the one processor it is for; others that read the stream have taken it already. */
  readonly redriveFor: string;
}

/**
 * The lane of a record that the ledgers have passed under its own origin: one per letter, so it is taken, and taken once; and by
 * the processor it names, while others that read the stream pass over it.
 *
 * @param ordinal Place in the aggregate that the letter holds; undefined where the record came alone.
 */
export const redriveOrigin = (
  partitionKey: string,
  letterId: string,
  ordinal: number | undefined,
  processor: string,
): Origin => ({
  lane: redriveLane(partitionKey, ordinal === undefined ? letterId : `${letterId}.${String(ordinal)}`, processor),
  position: sortableNumber('1'),
});

/** The bytes to put. The only place that knows the form of a redriven record. */
export const redrivenPayload = (stream: string, record: RedrivenRecord): string =>
  sealer(stream, record.lane)(record.position, record.timeMs, `"${record.member}":${record.data}`);
