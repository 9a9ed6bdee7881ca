import type { EnginePorts } from '../../engine/ports.ts';
import { awsOutputs } from '../../sink/aws-outputs.ts';
import type { SinkError } from '../../aws/errors.ts';
import { dynamoStore } from '../../state/dynamodb/dynamo-store.ts';
import { dynamoTables } from '../../state/dynamodb/dynamo-tables.ts';
import { awsClients, type AwsClients } from '../../aws/clients.ts';
import type { FunctionEnvironment } from './environment.ts';

/** What surrounds the ports of a function. */
export interface PortSurroundings {
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** When the invocation is over for everything that reads or writes, in milliseconds since 1970. */
  readonly deadlineMs: () => number;
  /** Called with why something was not written; the partition keys it belongs to are held. */
  readonly report: (error: SinkError) => void;
  /** @default clients from the SDK's own chain */
  readonly clients?: AwsClients;
}

/**
 * Longer than a stream can keep records, which is 365 days: until then a record may come again, and a key without state must
 * still know it.
 */
const FORGET_AFTER_MS = 400 * 86_400_000;

/** An e-mail endpoint that gets more than 10 is taken off its topic; environments share this, and their clocks differ. */
const MESSAGES_PER_SECOND = 8;

/** For a processor without state in the state table; a function whose processor has some is refused without a table. */
const NO_STATE_TABLE = 'no-state-table';

/** What an engine touches on AWS: DynamoDB, Kinesis, SNS and S3, under the names that infrastructure has given. */
export const awsPorts = (environment: FunctionEnvironment, surroundings: PortSurroundings): EnginePorts => {
  const { nowMs, sleep, deadlineMs, report, clients = awsClients() } = surroundings;
  const {
    streams,
    stateTable = NO_STATE_TABLE,
    tables,
    references,
    topics,
    deadLetterBucket,
    concurrency,
  } = environment;
  const retries = { nowMs, deadlineMs, sleep };
  const client = clients.dynamodb();
  return {
    nowMs,
    state: dynamoStore({ ...retries, client, stateTable, tables, forgetAfterMs: FORGET_AFTER_MS }),
    tables: dynamoTables({ ...retries, client, tables, references }),
    outputs: awsOutputs({
      ...retries,
      clients,
      report,
      streams,
      topics,
      bucket: deadLetterBucket,
      messagesPerSecond: MESSAGES_PER_SECOND / concurrency,
    }),
  };
};
