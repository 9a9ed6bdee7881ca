import { Duration, Stack } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Processor } from '../../shared/processor/processor.ts';
import { environmentVariables } from '../../shared/runtime/lambda/environment.ts';
import { deadLetterPrefix } from '../../shared/sink/dead-letter-objects.ts';
import { concurrencyOf, PARALLELIZATION_FACTOR } from '../deployment/concurrency.ts';
import type { DeploymentContext } from '../deployment/context.ts';
import { needsOf } from '../deployment/processor-needs.ts';
import { PROCESSOR_TIMEOUT_MS } from '../deployment/topology-check.ts';
import { acknowledgeObjects } from '../grants/acknowledge-objects.ts';
import { batchingWindowOf, outputEnvironment } from '../grants/output-kinds.ts';
import { processorGrants } from '../grants/processor-grants.ts';
import { resourceOf, textsOf, type TopologyResources } from '../grants/topology-resources.ts';
import { IdleSweep } from './idle-sweep.ts';
import { MillraceFunction } from './millrace-function.ts';
import { OrderedConsumer } from './ordered-consumer.ts';
import type { DeployedProcessor } from './processor-metrics.ts';

/** Options of {@link ProcessorFunction}. */
export interface ProcessorFunctionProps {
  readonly processor: Processor;
  /** Whether its input stream is written from outside the topology. */
  readonly inputIsForeign: boolean;
  readonly resources: TopologyResources;
  readonly code: Code;
  /** Additional environment variables. */
  readonly settings: Readonly<Record<string, string>>;
  readonly context: DeploymentContext;
}

/** A processor in Lambda: its function with exactly the permissions its description implies, its mapping, and its sweep. */
export class ProcessorFunction extends Construct {
  readonly deployed: DeployedProcessor;

  constructor(scope: Construct, id: string, props: ProcessorFunctionProps) {
    super(scope, id);
    const { processor, inputIsForeign, resources, code, settings, context } = props;
    const { streams, tables, references, stateTable, deadLetters } = resources;
    const { reads, looksInto, fills, keepsState, keepsShards, hasTimers } = needsOf(processor);
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
          ...outputEnvironment(processor.to, resources),
          stateTable: keepsState || keepsShards ? stateTable?.tableName : undefined,
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
      batchingWindow: batchingWindowOf(processor.to),
      parallelizationFactor: PARALLELIZATION_FACTOR,
    });
    if (hasTimers) new IdleSweep(this, 'Sweep', { handler });
    acknowledgeObjects(
      this,
      deadLetters,
      deadLetterPrefix(processor.id),
      "A dead letter's key derives from its record; only dead letters of this processor are under this prefix.",
    );
    this.deployed = { id: processor.id, deployment: stackName, hasTimers, handler, mapping };
  }
}

/** Enough for 1,000 records with their states; CPU grows with memory, and this is more than half a core. */
const MEMORY_MB = 1024;
