import { Stack, type Duration } from 'aws-cdk-lib';
import type { Code, ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Processor } from '../../shared/processor/processor.ts';
import { environmentVariables } from '../../shared/runtime/lambda/environment.ts';
import { deadLetterPrefix } from '../../shared/sink/dead-letter-objects.ts';
import type { Concurrency } from '../deployment/concurrency.ts';
import { needsOf } from '../deployment/processor-needs.ts';
import { acknowledgeObjects } from '../grants/acknowledge-objects.ts';
import { keyGrants } from '../grants/key-grants.ts';
import { batchingWindowOf, outputEnvironment } from '../grants/output-kinds.ts';
import { processorGrants } from '../grants/processor-grants.ts';
import { resourceOf, textsOf, type TopologyResources } from '../grants/topology-resources.ts';
import { IdleSweep } from './idle-sweep.ts';
import { MillraceFunction, type FunctionNetwork } from './millrace-function.ts';
import { OrderedConsumer, type MappingOptions } from './ordered-consumer.ts';
import type { DeployedProcessor } from './processor-metrics.ts';

/** Options of {@link ProcessorFunction}. */
export interface ProcessorFunctionProps extends FunctionNetwork {
  readonly processor: Processor;
  /** Whether its input stream is written from outside the topology. */
  readonly inputIsForeign: boolean;
  readonly resources: TopologyResources;
  readonly code: Code;
  /** Additional environment variables. */
  readonly settings: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeout: Duration;
  readonly layers?: readonly ILayerVersion[] | undefined;
  readonly concurrency: Concurrency;
  /** Of the stream it reads. */
  readonly retention: Duration;
  readonly mapping: MappingOptions;
}

/** A processor in Lambda: its function with exactly the permissions its description implies, its mapping, and its sweep. */
export class ProcessorFunction extends Construct {
  /** Its function. */
  readonly handler: MillraceFunction;
  readonly deployed: DeployedProcessor;

  constructor(scope: Construct, id: string, props: ProcessorFunctionProps) {
    super(scope, id);
    const { processor, resources, concurrency, retention } = props;
    const { streams, deadLetters } = resources;
    const { reads, hasTimers } = needsOf(processor);
    const { stackName } = Stack.of(this);
    const { vpc, subnets, securityGroups, layers, code, memoryMb, timeout } = props;
    const handler = new MillraceFunction(this, 'Function', {
      description: `Millrace processor ${processor.id}`,
      environment: environmentOf(stackName, props),
      reservedConcurrency: concurrency.reserved,
      ...{ vpc, subnets, securityGroups, layers, code, memoryMb, timeout },
    });
    for (const grant of processorGrants(processor, resources)) handler.addToRolePolicy(grant);
    for (const { key, actions } of keyGrants(processor, resources)) key.grant(handler, ...actions);
    const mapping = new OrderedConsumer(this, 'Mapping', {
      stream: resourceOf(streams, reads),
      handler,
      deadLetters,
      retention,
      batchingWindow: batchingWindowOf(processor.to),
      options: props.mapping,
    });
    if (hasTimers) new IdleSweep(this, 'Sweep', { handler });
    acknowledgeObjects(
      this,
      deadLetters,
      deadLetterPrefix(processor.id),
      "A dead letter's key derives from its record; only dead letters of this processor are under this prefix.",
    );
    this.handler = handler;
    this.deployed = { id: processor.id, deployment: stackName, hasTimers, handler, mapping };
  }
}

const environmentOf = (
  deployment: string,
  { processor, inputIsForeign, resources, concurrency, settings }: ProcessorFunctionProps,
): Readonly<Record<string, string>> => {
  const { tables, references, stateTable, deadLetters } = resources;
  const { looksInto, fills, keepsState, keepsShards } = needsOf(processor);
  const touched = [...looksInto.keys(), ...(fills === undefined ? [] : [fills])];
  return {
    ...environmentVariables({
      processor: processor.id,
      deployment,
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
  };
};
