import { Duration, Stack } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Processor } from '../../shared/processor/processor.ts';
import { environmentVariables } from '../../shared/runtime/lambda/environment.ts';
import { deadLetterPrefix } from '../../shared/sink/dead-letter-objects.ts';
import { acknowledgeObjects } from '../acknowledge-objects.ts';
import { concurrencyOf } from '../concurrency.ts';
import type { DeploymentContext } from '../context.ts';
import { processorGrants } from '../grants/processor-grants.ts';
import { PARALLELIZATION_FACTOR, PROCESSOR_TIMEOUT_MS } from '../processor-limits.ts';
import { needsOf } from '../processor-needs.ts';
import type { DeployedProcessor } from '../processor-metrics.ts';
import { resourceOf, textsOf, type TopologyResources } from '../topology-resources.ts';
import { IdleSweep } from './idle-sweep.ts';
import { MillraceFunction } from './millrace-function.ts';
import { OrderedConsumer } from './ordered-consumer.ts';

/** Options of {@link ProcessorFunction}. */
export interface ProcessorFunctionProps {
  readonly processor: Processor;
  /** Whether the stream it reads is written from outside of the topology. */
  readonly inputIsForeign: boolean;
  readonly resources: TopologyResources;
  readonly code: Code;
  /** Variables of its own, beside those that every processor has. */
  readonly settings: Readonly<Record<string, string>>;
  readonly context: DeploymentContext;
}

/** A processor in Lambda: its function with exactly the rights its description asks for, its mapping, and its sweep. */
export class ProcessorFunction extends Construct {
  readonly deployed: DeployedProcessor;

  constructor(scope: Construct, id: string, props: ProcessorFunctionProps) {
    super(scope, id);
    const { processor, inputIsForeign, resources, code, settings, context } = props;
    const { streams, tables, references, topics, stateTable, deadLetters } = resources;
    const { reads, writes, notifies, looksInto, fills, keepsState, hasTimers } = needsOf(processor);
    const { stackName } = Stack.of(this);
    const concurrency = concurrencyOf(context, PARALLELIZATION_FACTOR, hasTimers);
    const touched = [...looksInto.keys(), ...(fills === undefined ? [] : [fills])];
    const handler = new MillraceFunction(this, 'Function', {
      description: `Millrace processor ${processor.id}`,
      code,
      environment: {
        ...environmentVariables({
          processor: processor.id,
          deployment: stackName,
          inputIsForeign,
          streams: textsOf(streams, writes, ({ streamName }) => streamName),
          stateTable: keepsState ? stateTable?.tableName : undefined,
          tables: textsOf(
            tables,
            touched.filter((name) => tables.has(name)),
            ({ tableName }) => tableName,
          ),
          references: textsOf(
            references,
            touched.filter((name) => references.has(name)),
            ({ tableName }) => tableName,
          ),
          topics: textsOf(topics, notifies, ({ topicArn }) => topicArn),
          deadLetterBucket: deadLetters.bucketName,
          concurrency: concurrency.expected,
        }),
        ...settings,
      },
      memoryMb: MEMORY_MB,
      timeout: Duration.millis(PROCESSOR_TIMEOUT_MS),
      reservedConcurrency: concurrency.reserved,
    });
    for (const grant of processorGrants(processor, resources)) handler.addToRolePolicy(grant);
    const mapping = new OrderedConsumer(this, 'Mapping', {
      stream: resourceOf(streams, reads),
      handler,
      deadLetters,
      retentionHours: context.retentionHours,
      batchingWindow: notifies.length > 0 ? DIGEST_WINDOW : BATCHING_WINDOW,
      parallelizationFactor: PARALLELIZATION_FACTOR,
    });
    if (hasTimers) new IdleSweep(this, 'Sweep', handler);
    acknowledgeObjects(
      this,
      deadLetters,
      deadLetterPrefix(processor.id),
      "A dead letter's key is made from the record it is of; under this prefix there are only dead letters of this processor.",
    );
    this.deployed = { id: processor.id, deployment: stackName, hasTimers, handler, mapping };
  }
}

/** Enough for 1,000 records with their states, and for more than half a processor. */
const MEMORY_MB = 1024;

/** A whole second of records is one read and one write of each key. */
const BATCHING_WINDOW = Duration.seconds(1);

/** What one batch has for a recipient is one message, and mail is not read by the second. */
const DIGEST_WINDOW = Duration.seconds(60);
