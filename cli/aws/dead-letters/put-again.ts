import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { packed } from '../../../shared/codec/packed.ts';
import { putInOrder } from '../../../shared/sink/put-in-order.ts';
import type { StreamEntry } from '../../../shared/sink/put-records.ts';
import { SinkError } from '../../../shared/aws/errors.ts';
import { CommandError } from '../../errors/command-error.ts';
import { awsErrorOf } from '../calls.ts';
import { retryUntil } from '../calls.ts';
import type { PlannedRecord } from './redrive-plan.ts';

const TRY_MS = 60_000;

/** Puts records into a stream, those of one partition key in order. Throws a `CommandError` where it does not take them. */
export const putAgain = async (
  client: KinesisClient,
  streamName: string,
  records: readonly PlannedRecord[],
): Promise<void> => {
  const doing = `putting dead letters into ${streamName}`;
  try {
    const written = await putInOrder({ ...retryUntil(TRY_MS), client, streamName }, entriesOf(records));
    if (written.every(Boolean)) return;
  } catch (error) {
    throw awsErrorOf(doing, error instanceof SinkError ? error.cause : error) ?? error;
  }
  throw new CommandError(`${streamName} does not take the records of dead letters; run the same command again later`);
};

const entriesOf = (records: readonly PlannedRecord[]): readonly StreamEntry[] =>
  [...Map.groupBy(records, ({ partitionKey }) => partitionKey)].flatMap(([partitionKey, some]) =>
    packed(
      partitionKey,
      some.map(({ payload }) => payload),
    ),
  );
