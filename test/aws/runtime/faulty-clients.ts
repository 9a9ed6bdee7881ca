import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient, type PutRecordsResultEntry } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { AwsClients } from '../../../shared/aws/clients.ts';

/** What happens to one call of the SDK. */
export type CallFault =
  | 'none'
  /** The service refuses it for now. */
  | 'throttled'
  /** It happens, and the connection breaks before the answer is there. */
  | 'answer-lost'
  /** Of the records of a PutRecords call, only some are taken: any of them, in any order. */
  | 'partly-put';

/** Decides the fault of a call, and for a partial put which of its records are taken. */
export interface CallFaults {
  decide(command: string): CallFault;
  isTaken(): boolean;
}

/** Clients of the real kind, whose calls meet what is decided for each. */
export const faultyClients = (faults: CallFaults): AwsClients & { destroy(): void } => {
  const common = { maxAttempts: 1 };
  const dynamodb = new DynamoDBClient(common);
  const kinesis = new KinesisClient({ ...common, requestHandler: new NodeHttpHandler() });
  const s3 = new S3Client({ ...common, forcePathStyle: true });
  const sns = new SNSClient(common);

  /** The part of a call that is the same for every client: refused before it, or lost after it. */
  const around = async <Answer>(command: string, call: () => Promise<Answer>): Promise<Answer> => {
    const fault = faults.decide(command);
    if (fault === 'throttled') throw throttled();
    const answer = await call();
    if (fault === 'answer-lost') throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    return answer;
  };
  const step = { step: 'initialize', name: 'faults' } as const;
  dynamodb.middlewareStack.add((next, context) => (args) => around(nameOf(context), () => next(args)), step);
  s3.middlewareStack.add((next, context) => (args) => around(nameOf(context), () => next(args)), step);
  sns.middlewareStack.add((next, context) => (args) => around(nameOf(context), () => next(args)), step);
  kinesis.middlewareStack.add(
    (next, context) => (args) =>
      around(nameOf(context), async () => {
        const { input } = args;
        const records = 'Records' in input ? (input.Records ?? []) : [];
        if (records.length === 0 || faults.decide('PutPart') !== 'partly-put') return next(args);
        const taken = records.map(() => faults.isTaken());
        const some = records.filter((_, index) => taken[index]);
        if (some.length === 0) throw throttled();
        const answer = await next({ ...args, input: { ...input, Records: some } });
        if (!('Records' in answer.output)) return answer;
        const answered = [...(answer.output.Records ?? [])].values();
        const Records = taken.map((isTaken): PutRecordsResultEntry => {
          const entry = isTaken ? answered.next().value : undefined;
          return entry !== undefined && 'ShardId' in entry ? entry : REFUSED;
        });
        const FailedRecordCount = records.length - some.length;
        return { ...answer, output: { ...answer.output, Records, FailedRecordCount } };
      }),
    step,
  );
  return {
    dynamodb: () => dynamodb,
    kinesis: () => kinesis,
    s3: () => s3,
    sns: () => sns,
    destroy: () => {
      for (const client of [dynamodb, kinesis, s3, sns]) client.destroy();
    },
  };
};

const REFUSED: PutRecordsResultEntry = {
  ErrorCode: 'ProvisionedThroughputExceededException',
  ErrorMessage: 'Rate exceeded for shard',
};

const throttled = (): Error => Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });

const nameOf = ({ commandName }: { readonly commandName?: string }): string => commandName ?? 'call';
