import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { engine, type Engine } from '../../engine/engine.ts';
import type { EnginePorts } from '../../engine/ports.ts';
import type { Processor } from '../../processor/processor.ts';
import type { SinkError } from '../../aws/errors.ts';
import type { DeliveredRecord } from '../../stream/delivered-record.ts';
import { batchResponse, type BatchResponse } from '../batch-response.ts';
import { awsPorts, type PortSurroundings } from './aws-ports.ts';
import { logBatch } from './batch-log.ts';
import { enterBatch, enterSweep } from './batch-metrics.ts';
import { checkEnvironment } from './check-environment.ts';
import { readEnvironment, type FunctionEnvironment } from './environment.ts';
import { lambdaEvent } from './lambda-event.ts';
import { LOG_EVENTS } from './log-events.ts';
import { METRIC_NAMESPACE, metricDimensions } from './metric-names.ts';
import { takeBatch } from './take-batch.ts';

/** What a function answers: to the event source mapping what must come again, to the schedule what its sweep emitted. */
type LambdaAnswer = BatchResponse | { readonly emitted: number };

/** A processor's function, as Lambda calls it. */
export type LambdaHandler = (event: unknown, context: Context) => Promise<LambdaAnswer>;

/** What a function is made of beside its processor. */
export interface LambdaParts {
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Makes what the engine touches; called once, at the first invocation. @default - DynamoDB, Kinesis, SNS and S3 */
  readonly ports?: (environment: FunctionEnvironment, surroundings: PortSurroundings) => EnginePorts;
  /** @default Date.now */
  readonly nowMs?: () => number;
  /** Bytes of data that are taken at once, before it is looked whether there is time for more. @default 1 MiB */
  readonly sliceBytes?: number;
}

/** Of an invocation's time, what is kept for ending it well: calls under way are given up, and the answer is made. */
const RESERVE_MS = 1_500;

/**
 * Makes the Lambda function of a processor: `export const handler = lambda(alert);`.
 *
 * The environment is checked at once, and an error names the variable that is wrong; clients and connections are made at the
 * first invocation and kept. A batch is answered with the lowest record of each lane that must come again.
 */
export const lambda = (processor: Processor, parts: LambdaParts = {}): LambdaHandler => {
  const { env = process.env, ports = awsPorts, nowMs = Date.now, sliceBytes } = parts;
  const environment = readEnvironment(env);
  checkEnvironment(processor, environment);
  const { service, ...dimensions } = metricDimensions(environment.deployment, processor.id);
  const logger = new Logger({ serviceName: service, persistentKeys: dimensions });
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: service, defaultDimensions: dimensions });

  let deadlineMs = 0;
  let warm: Engine | undefined;
  const report = (error: SinkError): void => {
    logger.warn('output refused', { event: LOG_EVENTS.outputRefused, target: error.target, because: error.message });
  };
  const warmEngine = (): Engine =>
    (warm ??= engine(processor, ports(environment, { nowMs, deadlineMs: () => deadlineMs, report }), environment));

  const take = async (records: readonly DeliveredRecord[]): Promise<BatchResponse> => {
    const taken = await takeBatch(warmEngine(), records, {
      nowMs,
      deadlineMs,
      ...(sliceBytes !== undefined && { sliceBytes }),
    });
    logBatch(logger, taken);
    enterBatch(metrics, taken, records.at(-1)?.arrivalMs, nowMs());
    const { untaken, held } = taken;
    return batchResponse(untaken === undefined ? taken : { ...taken, held: [...held, untaken] });
  };
  const sweep = async (): Promise<LambdaAnswer> => {
    const emitted = await warmEngine().sweep('idle');
    logger.debug('swept', { event: LOG_EVENTS.swept, emitted });
    enterSweep(metrics, emitted);
    return { emitted };
  };

  return middy<unknown, LambdaAnswer>(
    async (event: unknown, context: Context): Promise<LambdaAnswer> => {
      deadlineMs = nowMs() + context.getRemainingTimeInMillis() - RESERVE_MS;
      const asked = lambdaEvent(event);
      return asked.kind === 'sweep' ? sweep() : take(asked.records);
    },
    // An answer of Middy's own at the last moment would leave work behind that goes on in the next invocation.
    { timeoutEarlyInMillis: 0 },
  )
    .use(injectLambdaContext(logger, { logEvent: false }))
    .after(() => {
      metrics.publishStoredMetrics();
    })
    .onError(({ error }) => {
      logger.error('invocation failed', {
        event: LOG_EVENTS.invocationFailed,
        ...(error instanceof Error && { error }),
      });
    });
};
