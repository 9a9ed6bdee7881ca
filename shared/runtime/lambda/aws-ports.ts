import { setTimeout as sleep } from 'node:timers/promises';
import type { EnginePorts } from '../../engine/ports.ts';
import { awsOutputs } from '../../sink/aws-outputs.ts';
import type { SinkError } from '../../aws/errors.ts';
import { dynamoStore } from '../../state/dynamodb/dynamo-store.ts';
import { dynamoTables } from '../../state/dynamodb/dynamo-tables.ts';
import { awsClients, type AwsClients } from '../../aws/clients.ts';
import type { FunctionEnvironment } from './environment.ts';

/** What is around the ports of a function. */
export interface PortSurroundings {
  readonly nowMs: () => number;
  /** When the invocation is over for everything that reads or writes, in milliseconds since 1970. */
  readonly deadlineMs: () => number;
  /** Told why something was not written; the lanes it belongs to are held. */
  readonly report: (error: SinkError) => void;
  /** @default clients from the SDK's own chain */
  readonly clients?: AwsClients;
}

/**
 * Longer than a stream can keep records, which is 365 days: until then a record may come again, and a key without state must
 * still know that it has seen it.
 */
const FORGET_AFTER_MS = 400 * 86_400_000;

/** An e-mail endpoint that gets more than 10 is taken off its topic; environments share this, and their clocks differ. */
const MESSAGES_PER_SECOND = 8;

/** Stands where the processor has no state in the state table; a function whose processor has is refused without it. */
const NO_STATE_TABLE = 'no-state-table';

/** What an engine touches on AWS: DynamoDB, Kinesis, SNS and S3, with the names that infrastructure has given. */
export const awsPorts = (environment: FunctionEnvironment, surroundings: PortSurroundings): EnginePorts => {
  const { nowMs, deadlineMs, report, clients = awsClients() } = surroundings;
  const {
    streams,
    stateTable = NO_STATE_TABLE,
    tables,
    references,
    topics,
    deadLetterBucket,
    concurrency,
  } = environment;
  const patience = { nowMs, deadlineMs, sleep: (ms: number): Promise<void> => sleep(ms) };
  const client = clients.dynamodb();
  return {
    nowMs,
    state: dynamoStore({ ...patience, client, stateTable, tables, forgetAfterMs: FORGET_AFTER_MS }),
    tables: dynamoTables({ ...patience, client, tables, references }),
    outputs: awsOutputs({
      ...patience,
      clients,
      report,
      streams,
      topics,
      bucket: deadLetterBucket,
      messagesPerSecond: MESSAGES_PER_SECOND / concurrency,
    }),
  };
};
