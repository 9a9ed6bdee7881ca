import { Stack, type App } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { OUTPUTS, outputName, stackName } from '../../shared/runtime/deployment/output-name.ts';
import { ROW_TABLE, STATE_TABLE } from '../../shared/state/dynamodb/table-layout.ts';
import { ApiAlarm } from '../constructs/api-alarm.ts';
import { DataStream } from '../constructs/data-stream.ts';
import { DeadLetterBucket } from '../constructs/dead-letter-bucket.ts';
import { KeyedTable } from '../constructs/keyed-table.ts';
import { NotificationTopic } from '../constructs/notification-topic.ts';
import { OperationsTopic } from '../constructs/operations-topic.ts';
import { PipelineDashboard } from '../constructs/pipeline-dashboard.ts';
import { ProcessorAlarms } from '../constructs/processor-alarms.ts';
import { ProcessorFunction } from '../constructs/processor-function.ts';
import { QueryApi } from '../constructs/query-api.ts';
import { TopologyOutputs } from '../constructs/topology-outputs.ts';
import type { DeploymentContext } from '../context.ts';
import type { PipelineDeployment } from '../pipeline-deployment.ts';
import { needsOf } from '../processor-needs.ts';
import { checkDeployable } from '../topology-check.ts';
import { namedResources, resourceOf, type TopologyResources } from '../topology-resources.ts';

/** The code of a pipeline's functions. */
export interface PipelineCode {
  /** Of the processor with this id. */
  processor(id: string): Code;
  api(): Code;
}

/** All of a pipeline in one stack: what its topology describes, who may ask it, and who is told when it needs somebody. */
export class TopologyStack extends Stack {
  constructor(app: App, pipeline: PipelineDeployment, code: PipelineCode, context: DeploymentContext) {
    const { topology } = pipeline;
    checkDeployable(topology);
    super(app, stackName(topology.name, context.stage), {
      description: `Millrace pipeline ${topology.name}, stage ${context.stage}`,
      tags: { 'millrace:topology': topology.name, 'millrace:stage': context.stage },
    });
    const operations = new OperationsTopic(this, 'Operations', context);
    const resources = this.#resources(pipeline, context);
    const processors = topology.processors.map((processor) => {
      const { deployed } = new ProcessorFunction(this, outputName('Function', processor.id), {
        processor,
        inputIsForeign: topology.sources.includes(processor.from),
        resources,
        code: code.processor(processor.id),
        settings: pipeline.settings[processor.id] ?? {},
        context,
      });
      return deployed;
    });
    const api = new QueryApi(this, 'QueryApi', { description: pipeline.api, resources, code: code.api(), context });

    const tell = new SnsAction(operations);
    const watched = processors.map((processor) => ({
      processor,
      alarms: new ProcessorAlarms(this, `${outputName('Function', processor.id)}Alarms`, processor, context, tell)
        .alarms,
    }));
    const apiAlarm = new ApiAlarm(this, 'QueryApiErrors', api.apiId, tell);
    new PipelineDashboard(this, 'Dashboard', this.stackName, watched, [apiAlarm]);

    const { streams, tables, references, topics, stateTable, deadLetters } = resources;
    new TopologyOutputs(this, 'Outputs', {
      [OUTPUTS.rawStream]: resourceOf(streams, pipeline.rawStream).streamName,
      [OUTPUTS.alertTopicArn]: resourceOf(topics, pipeline.alertTopic).topicArn,
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
    });
  }

  #resources({ topology, addresses }: PipelineDeployment, context: DeploymentContext): TopologyResources {
    const rows = (name: string): KeyedTable => new KeyedTable(this, outputName('Table', name), ROW_TABLE, context);
    return {
      deadLetters: new DeadLetterBucket(this, 'DeadLetters', context),
      streams: namedResources(topology.streams, (name) => new DataStream(this, name, context)),
      stateTable: topology.processors.some((one) => needsOf(one).keepsState)
        ? new KeyedTable(this, 'State', STATE_TABLE, context)
        : undefined,
      tables: namedResources(topology.tables, rows),
      references: namedResources(topology.references, rows),
      topics: namedResources(
        topology.notifications,
        (name) => new NotificationTopic(this, name, addresses[name] ?? []),
      ),
    };
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
