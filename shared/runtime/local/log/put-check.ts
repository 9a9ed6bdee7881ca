import { hashKeyFromDecimal, hashKeyOf } from '../../../stream/hash-key.ts';
import type { HashKey } from '../../../stream/hash-key.ts';
import { LogRequestError } from './log-request-error.ts';
import type { PutEntry } from './partitioned-log.ts';

/** Kinesis' limit, in UTF-16 units as its Java clients count. */
const MOST_KEY_CHARACTERS = 256;
/** No UTF-16 unit takes more bytes in UTF-8. */
const MOST_BYTES_PER_CHARACTER = 3;

/** Throws {@link LogRequestError} for an entry that Kinesis would refuse. */
export const checkEntry = ({ partitionKey, data }: PutEntry, maxRecordBytes: number): void => {
  if (partitionKey.length === 0 || partitionKey.length > MOST_KEY_CHARACTERS) {
    throw new LogRequestError(
      'bad-partition-key',
      `a partition key has 1 to ${String(MOST_KEY_CHARACTERS)} characters, got ${String(partitionKey.length)}: '${partitionKey.slice(0, 40)}'`,
    );
  }
  if (data.length + partitionKey.length * MOST_BYTES_PER_CHARACTER <= maxRecordBytes) return;
  const bytes = data.length + Buffer.byteLength(partitionKey);
  if (bytes > maxRecordBytes) {
    throw new LogRequestError(
      'record-too-large',
      `a record of partition key '${partitionKey}' has ${String(bytes)} bytes with its key; at most ${String(maxRecordBytes)} are taken: store the payload elsewhere and send a reference`,
    );
  }
};

/** Where an entry lies in the hash space. */
export const hashKeyOfEntry = ({ partitionKey, explicitHashKey }: PutEntry): HashKey =>
  explicitHashKey === undefined ? hashKeyOf(partitionKey) : explicitPlace(explicitHashKey);

const explicitPlace = (explicitHashKey: string): HashKey => {
  try {
    return hashKeyFromDecimal(explicitHashKey);
  } catch (cause) {
    throw new LogRequestError('bad-hash-key', cause instanceof Error ? cause.message : String(cause), { cause });
  }
};
