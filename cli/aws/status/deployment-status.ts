import { CloudWatchClient, DescribeAlarmsCommand, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { GetEventSourceMappingCommand, GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { collectionOf, type Processor } from '../../../shared/processor/processor.ts';
import { listedAsIdle } from '../../../shared/state/dynamodb/timers.ts';
import { awsErrorOf, retryUntil } from '../calls.ts';
import { stateOf, type OpenLetters } from '../dead-letters/open-letters.ts';
import { heldPartitions } from './held-partitions.ts';

/** How far back lag and held partitions are looked at. */
const LOOK_BACK_MS = 900_000;

const METRIC_PERIOD_SECONDS = 60;
const ASK_MS = 60_000;
const PROGRESS_AT_ONCE = 100;

/** Finds out how a deployment is. What cannot be determined is left undefined, and named among the problems. */
export const deploymentStatus = async (opened: OpenLetters, nowMs: number): Promise<DeploymentStatus> => {
  const { deployment, topology, store } = opened;
  const lambda = new LambdaClient();
  const metrics = new CloudWatchClient();
  const logs = new CloudWatchLogsClient();
  const problems: string[] = [];

  const asked = async <Value>(doing: string, ask: () => Promise<Value>): Promise<Value | undefined> => {
    try {
      return await ask();
    } catch (error) {
      const problem = awsErrorOf(doing, error);
      if (problem === undefined) throw error;
      problems.push(problem.message);
      return undefined;
    }
  };
  const statusOf = async (processor: Processor): Promise<ProcessorStatus> => {
    const { id } = processor;
    const functionName = deployment.named('Function', id);
    const [mapping, lagMs, held, watermarks, deadLetters] = await Promise.all([
      asked(`asking for the mapping of ${id}`, () => mappingStatus(lambda, deployment.named('Mapping', id))),
      asked(`asking for the lag of ${id}`, () => lag(metrics, functionName, nowMs)),
      asked(`reading the log of ${id}`, async () =>
        heldPartitions(logs, await logGroupOf(lambda, functionName), nowMs - LOOK_BACK_MS),
      ),
      processor.keyed?.timers === undefined
        ? undefined
        : asked(`reading the watermarks of ${id}`, () => watermarkStatus(opened, processor)),
      asked(`counting the dead letters of ${id}`, () => store.count(processor)),
    ]);
    return {
      id,
      mapping,
      lagMs,
      held,
      ...(processor.keyed?.timers !== undefined && { watermarks }),
      deadLetters,
    };
  };
  const processors = await Promise.all(topology.processors.map(statusOf));
  const alarms = await asked('asking for alarms', () => alarmsOf(metrics, deployment.stack));
  return { stack: deployment.stack, processors, alarms, problems: problems.sort() };
};

const mappingStatus = async (client: LambdaClient, uuid: string): Promise<MappingStatus> => {
  const { State: state, LastProcessingResult: lastResult } = await client.send(
    new GetEventSourceMappingCommand({ UUID: uuid }),
  );
  return { state: state ?? 'unknown', lastResult };
};

/** Undefined without such a metric: nothing was read lately, or the endpoint does not measure it. */
const lag = async (client: CloudWatchClient, functionName: string, nowMs: number): Promise<number | undefined> => {
  const { MetricDataResults } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(nowMs - LOOK_BACK_MS),
      EndTime: new Date(nowMs),
      MetricDataQueries: [
        {
          Id: 'lag',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/Lambda',
              MetricName: 'IteratorAge',
              Dimensions: [{ Name: 'FunctionName', Value: functionName }],
            },
            Period: METRIC_PERIOD_SECONDS,
            Stat: 'Maximum',
          },
        },
      ],
    }),
  );
  // The newest value comes first.
  return MetricDataResults?.[0]?.Values?.[0];
};

const logGroupOf = async (client: LambdaClient, functionName: string): Promise<string> => {
  const { LoggingConfig } = await client.send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
  return LoggingConfig?.LogGroup ?? `/aws/lambda/${functionName}`;
};

const watermarkStatus = async (opened: OpenLetters, processor: Processor): Promise<WatermarkStatus> => {
  const { clients, deployment } = opened;
  const collection = collectionOf(processor);
  const reader = { ...retryUntil(ASK_MS), client: clients.dynamodb() };
  const partitionKeys = await listedAsIdle(reader, { table: deployment.one('stateTable'), collection }, Infinity);
  const state = stateOf(opened);
  let lowest: WatermarkStatus['lowest'];
  for (let at = 0; at < partitionKeys.length; at += PROGRESS_AT_ONCE) {
    for (const { partitionKey, watermarkMs } of await state.progress(
      collection,
      partitionKeys.slice(at, at + PROGRESS_AT_ONCE),
    )) {
      if (watermarkMs > -Infinity && watermarkMs < (lowest?.watermarkMs ?? Infinity))
        lowest = { partitionKey, watermarkMs };
    }
  }
  return { partitions: partitionKeys.length, lowest };
};

const alarmsOf = async (client: CloudWatchClient, stack: string): Promise<NonNullable<DeploymentStatus['alarms']>> => {
  const alarms: { readonly name: string; readonly about: string }[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new DescribeAlarmsCommand({ StateValue: 'ALARM', AlarmNamePrefix: `${stack}-`, NextToken: token }),
    );
    for (const { AlarmName, AlarmDescription } of page.MetricAlarms ?? []) {
      alarms.push({ name: AlarmName ?? 'unnamed', about: AlarmDescription ?? '' });
    }
    token = page.NextToken;
  } while (token !== undefined);
  return alarms;
};

/** How a deployed processor is. What is unknown is undefined. */
export interface ProcessorStatus {
  readonly id: string;
  readonly mapping: MappingStatus | undefined;
  /** Age in milliseconds of the oldest record that was just taken, at its highest in the last minutes. */
  readonly lagMs: number | undefined;
  /** Partition keys that were held in the last minutes, with the newest cause. */
  readonly held: readonly HeldPartitionStatus[] | undefined;
  /** Of the partition keys with open timers; absent where a processor has no timers. */
  readonly watermarks?: WatermarkStatus | undefined;
  /** Objects in the bucket of dead letters. */
  readonly deadLetters: number | undefined;
}

interface MappingStatus {
  /** As Lambda says it: Enabled, Disabled, Updating. */
  readonly state: string;
  readonly lastResult: string | undefined;
}

export interface HeldPartitionStatus {
  readonly partitionKey: string;
  readonly because: string;
  readonly times: number;
  readonly lastMs: number;
}

interface WatermarkStatus {
  /** Partition keys with open timers. */
  readonly partitions: number;
  /** The partition key with the lowest event time, if any has one. */
  readonly lowest: { readonly partitionKey: string; readonly watermarkMs: number } | undefined;
}

/** How a deployment is. */
export interface DeploymentStatus {
  readonly stack: string;
  readonly processors: readonly ProcessorStatus[];
  /** Alarms that are in ALARM; undefined where that could not be found out. */
  readonly alarms: readonly { readonly name: string; readonly about: string }[] | undefined;
  /** What could not be found out, and why. */
  readonly problems: readonly string[];
}
