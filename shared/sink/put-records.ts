import { PutRecordsCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { errorOfEntry } from '../aws/errors.ts';
import { MAX_PUT_RECORDS, MAX_PUT_RECORDS_BYTES } from '../aws/limits.ts';

/** One record for a stream. Data and key together have 1 MiB at most. */
export interface StreamEntry {
  /** 1 to 256 characters. */
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** What of an entry counts towards the limits of Kinesis. */
const entryBytes = ({ partitionKey, data }: StreamEntry): number => data.length + Buffer.byteLength(partitionKey);

/** Cuts entries, in their order, into lists that one call takes. */
export const callsOf = <Entry extends StreamEntry>(entries: readonly Entry[]): readonly (readonly Entry[])[] => {
  const calls: Entry[][] = [];
  let call: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = entryBytes(entry);
    if (call.length === MAX_PUT_RECORDS || bytes + size > MAX_PUT_RECORDS_BYTES) {
      call = [];
      bytes = 0;
    }
    if (call.length === 0) calls.push(call);
    call.push(entry);
    bytes += size;
  }
  return calls;
};

/** For each entry of one call, in order, why it is not known to be written; undefined where it is. */
type CallResult = readonly (Error | undefined)[];

/**
 * Puts entries with one call. An entry counts as written only if the answer has a sequence number for it and no error, and
 * no entry does if the answer contradicts itself. Throws what the client throws.
 *
 * @param stream Its name, or its ARN.
 */
export const putRecords = async (
  client: KinesisClient,
  stream: string,
  entries: readonly StreamEntry[],
  signal: AbortSignal,
): Promise<CallResult> => {
  const command = new PutRecordsCommand({
    // A name is one of this account; only an ARN can name a stream of another.
    ...(stream.startsWith('arn:') ? { StreamARN: stream } : { StreamName: stream }),
    Records: entries.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data })),
  });
  const { Records: answers = [], FailedRecordCount: failed = 0 } = await client.send(command, { abortSignal: signal });
  if (answers.length !== entries.length) {
    // The answer does not tell which entries are missing from it.
    const error = new Error(`the answer has ${String(answers.length)} entries, ${String(entries.length)} were put`);
    return entries.map(() => error);
  }
  const results = answers.map(({ ErrorCode: code, ErrorMessage: message, SequenceNumber: number }) =>
    code === undefined && number !== undefined ? undefined : errorOfEntry(code, message),
  );
  if (failed > results.filter((error) => error !== undefined).length) {
    const error = new Error(`the answer counts ${String(failed)} entries as failed and does not say which`);
    return results.map((known) => known ?? error);
  }
  return results;
};
