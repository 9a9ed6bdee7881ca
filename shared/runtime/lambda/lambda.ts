import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { addTo, newTally } from '../../engine/books.ts';
import { engine, type Engine } from '../../engine/engine.ts';
import type { EnginePorts } from '../../engine/ports.ts';
import type { Processor } from '../../processor/processor.ts';
import type { Topology } from '../../processor/topology.ts';
import type { SinkError } from '../../aws/errors.ts';
import { batchResponse, type BatchResponse } from '../batch-response.ts';
import { recordLetter } from '../given-up.ts';
import type { EventRecord } from '../kinesis-event.ts';
import { awsPorts, type PortSurroundings } from './aws-ports.ts';
import {
  addBatchMetrics,
  addSweepMetrics,
  LOG_EVENTS,
  logBatch,
  METRIC_NAMESPACE,
  metricDimensions,
} from './batch-report.ts';
import { checkEnvironment, readEnvironment, type FunctionEnvironment } from './environment.ts';
import { lambdaEvent, type LambdaEvent } from './lambda-event.ts';
import { takeBatch, type TakenBatch } from './take-batch.ts';

/** What a function answers: to the event source mapping what must come again, to the schedule what its sweep emitted. */
export type LambdaAnswer = (BatchResponse & { readonly state?: unknown }) | { readonly emitted: number };

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
  /** Waits for a number of milliseconds. @default - a timer */
  readonly sleep?: (ms: number) => Promise<void>;
  /** Bytes of data that are processed at once, before the remaining time is looked at. @default 1 MiB */
  readonly sliceBytes?: number;
}

/** Of an invocation's time, what is kept for ending it well: calls under way are given up, and the answer is made. */
const RESERVE_MS = 1_500;

/**
 * Makes the Lambda function of a processor: `export const handler = lambda(alert);`. Of a topology it makes the function of that
 * processor which the environment names, so that all functions may have the same code.
 *
 * The environment is checked at once, and an error names the variable that is wrong; clients and connections are made at the
 * first invocation and kept. A batch is answered with the lowest record of each partition key that must come again.
 */
export const lambda = (of: Processor | Topology, parts: LambdaParts = {}): LambdaHandler => {
  const { env = process.env, ports = awsPorts, nowMs = Date.now, sleep = pause, sliceBytes } = parts;
  const environment = readEnvironment(env);
  const processor = 'processors' in of ? processorOf(of, environment.processor) : of;
  checkEnvironment(processor, environment);
  const { service, ...dimensions } = metricDimensions(environment.deployment, processor.id);
  const logger = new Logger({ serviceName: service, persistentKeys: dimensions });
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: service, defaultDimensions: dimensions });

  let deadlineMs = 0;
  let warm: Warm | undefined;
  const report = (error: SinkError): void => {
    logger.warn('output refused', { event: LOG_EVENTS.outputRefused, target: error.target, because: error.message });
  };
  const warmed = (): Warm => {
    if (warm !== undefined) return warm;
    const made = ports(environment, { nowMs, sleep, deadlineMs: () => deadlineMs, report });
    return (warm = { engine: engine(processor, made, environment), ports: made });
  };

  const take = async ({ records, window }: BatchEvent): Promise<LambdaAnswer> => {
    const { engine, ports } = warmed();
    const readable = records.filter(({ unreadable }) => unreadable === undefined);
    const times = { nowMs, sleep, deadlineMs, ...(sliceBytes !== undefined && { sliceBytes }) };
    const [taken, refused] = await Promise.all([
      takeBatch(engine, readable, times),
      refuseUnreadable(records, processor, ports),
    ]);
    const books = newTally();
    addTo(books, taken.books);
    addTo(books, refused.books);
    const batch = { ...taken, books, held: [...taken.held, ...refused.held] };
    logBatch(logger, batch);
    addBatchMetrics(metrics, batch, records.at(-1)?.arrivalMs, nowMs());
    const { unprocessed, held } = batch;
    const answer = batchResponse({ held: unprocessed === undefined ? held : [...held, unprocessed] });
    return window === undefined ? answer : { ...answer, state: window.state };
  };
  const sweep = async (): Promise<LambdaAnswer> => {
    const emitted = await warmed().engine.sweep('idle');
    logger.debug('swept', { event: LOG_EVENTS.swept, emitted });
    addSweepMetrics(metrics, emitted);
    return { emitted };
  };

  return middy<unknown, LambdaAnswer>(
    async (event: unknown, context: Context): Promise<LambdaAnswer> => {
      deadlineMs = nowMs() + context.getRemainingTimeInMillis() - RESERVE_MS;
      const invocation = lambdaEvent(event, nowMs());
      return invocation.kind === 'sweep' ? sweep() : take(invocation);
    },
    // An answer of Middy's own at the last moment would leave work under way that goes on in the next invocation.
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

const processorOf = ({ name, processors }: Topology, id: string): Processor => {
  const found = processors.find((one) => one.id === id);
  if (found !== undefined) return found;
  const ids = processors.map((one) => one.id).join(', ');
  throw new RangeError(
    `MILLRACE_PROCESSOR is '${id}', which topology '${name}' has not: it has ${ids}. Deploy it again.`,
  );
};

type BatchEvent = Extract<LambdaEvent, { readonly kind: 'batch' }>;

interface Warm {
  readonly engine: Engine;
  readonly ports: EnginePorts;
}

/** Keeps the records of an event that no codec may see as dead letters; one that is not kept is held. */
const refuseUnreadable = async (
  records: readonly EventRecord[],
  processor: Processor,
  { outputs }: EnginePorts,
): Promise<Pick<TakenBatch, 'books' | 'held'>> => {
  const letters = records.flatMap((record) =>
    record.unreadable === undefined
      ? []
      : [recordLetter(record, processor, { reason: 'undecodable', error: record.unreadable })],
  );
  const books = newTally();
  if (letters.length === 0) return { books, held: [] };
  const kept = await outputs.deadLetter(letters);
  const held = letters
    .filter((_, index) => kept[index] !== true)
    .map(({ partitionKey, sequenceNumber }) => ({
      partitionKey,
      sequenceNumber,
      because: 'its dead letter was not kept',
    }));
  books.in = letters.length;
  books.held = held.length;
  books.deadLettered = letters.length - held.length;
  return { books, held };
};
