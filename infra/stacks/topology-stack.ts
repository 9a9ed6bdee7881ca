import { Duration, Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { OUTPUTS, outputName } from '../../shared/runtime/deployment/output-name.ts';
import { ApiAlarm } from '../constructs/api-alarm.ts';
import { MillraceTopology } from '../constructs/millrace-topology.ts';
import { OperationsTopic } from '../constructs/operations-topic.ts';
import { PipelineDashboard } from '../constructs/pipeline-dashboard.ts';
import { ProcessorAlarms } from '../constructs/processor-alarms.ts';
import { QueryApi } from '../constructs/query-api.ts';
import { TopologyOutputs } from '../constructs/topology-outputs.ts';
import type { DeploymentContext } from '../deployment/context.ts';
import { dataPolicy } from '../deployment/data-policy.ts';
import type { PipelineDeployment } from '../deployment/pipeline-deployment.ts';
import { checkDeployable } from '../deployment/topology-check.ts';
import { resourceOf } from '../grants/topology-resources.ts';

/** The code of a pipeline's functions. */
export interface PipelineCode {
  /** Of the processor with this id. */
  processor(id: string): Code;
  api(): Code;
}

/** Options of {@link TopologyStack}. */
export interface TopologyStackProps {
  readonly pipeline: PipelineDeployment;
  readonly code: PipelineCode;
  readonly context: DeploymentContext;
}

/**
 * All of a pipeline in one stack: what its topology describes, the query API, and the alarms. Throws a `DeploymentError` for a
 * topology that cannot be deployed, before it creates anything.
 */
export class TopologyStack extends Stack {
  /** @param id The stack's name, from `stackName`: the command line looks it up by that. */
  constructor(scope: Construct, id: string, { pipeline, code, context }: TopologyStackProps) {
    const { topology } = pipeline;
    checkDeployable(topology);
    super(scope, id, {
      description: `Millrace pipeline ${topology.name}, stage ${context.stage}`,
      tags: { 'millrace:topology': topology.name, 'millrace:stage': context.stage },
    });
    const operations = new OperationsTopic(this, 'Operations', { context });
    // As `Default` it adds nothing to the ids of what it makes: a deployed stack keeps its streams and tables.
    const { resources, processors } = new MillraceTopology(this, 'Default', {
      topology,
      code: (id) => code.processor(id),
      processors: Object.fromEntries(
        Object.entries(pipeline.settings).map(([id, environment]) => [id, { environment }]),
      ),
      addresses: pipeline.addresses,
      shards: context.capacity === 'on-demand' ? 'on-demand' : context.shards,
      retention: Duration.hours(context.retentionHours),
      removalPolicy: dataPolicy(context),
      reservedConcurrency: context.reservedConcurrency === 'on',
    });
    const api = new QueryApi(this, 'QueryApi', { description: pipeline.api, resources, code: code.api(), context });

    const action = new SnsAction(operations);
    const watched = processors.map((processor) => {
      const alarmsId = `${outputName('Function', processor.id)}Alarms`;
      const { alarms } = new ProcessorAlarms(this, alarmsId, { processor, context, action });
      return { processor, alarms };
    });
    const apiAlarm = new ApiAlarm(this, 'QueryApiErrors', { apiId: api.apiId, action });
    new PipelineDashboard(this, 'Dashboard', { title: this.stackName, watched, others: [apiAlarm] });

    const { streams, tables, references, topics, stateTable, deadLetters } = resources;
    const [alerts] = topology.notifications;
    new TopologyOutputs(this, 'Outputs', {
      values: {
        [OUTPUTS.rawStream]: resourceOf(streams, pipeline.entry).streamName,
        ...(alerts !== undefined && { [OUTPUTS.alertTopicArn]: resourceOf(topics, alerts.name).topicArn }),
        [OUTPUTS.apiUrl]: api.url,
        ...(stateTable !== undefined && { [OUTPUTS.stateTable]: stateTable.tableName }),
        [OUTPUTS.deadLetterBucket]: deadLetters.bucketName,
        OperationsTopicArn: operations.topicArn,
        ...namedOutputs('Stream', streams, ({ streamName }) => streamName),
        ...namedOutputs('Table', tables, ({ tableName }) => tableName),
        ...namedOutputs('Table', references, ({ tableName }) => tableName),
        ...namedOutputs('Topic', topics, ({ topicArn }) => topicArn),
        ...namedOutputs('Function', byId(processors), ({ handler }) => handler.functionName),
        ...namedOutputs('Mapping', byId(processors), ({ mapping }) => mapping.eventSourceMappingId),
      },
    });
  }
}

const byId = <Processor extends { readonly id: string }>(
  processors: readonly Processor[],
): ReadonlyMap<string, Processor> => new Map(processors.map((one) => [one.id, one]));

const namedOutputs = <Resource>(
  kind: Parameters<typeof outputName>[0],
  resources: ReadonlyMap<string, Resource>,
  text: (resource: Resource) => string,
): Readonly<Record<string, string>> =>
  Object.fromEntries([...resources].map(([name, resource]) => [outputName(kind, name), text(resource)]));
