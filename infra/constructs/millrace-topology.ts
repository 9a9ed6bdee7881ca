import { Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { Code, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Processor } from '../../shared/processor/processor.ts';
import { outputName } from '../../shared/runtime/deployment/output-name.ts';
import { ROW_TABLE, STATE_TABLE, type TableLayout } from '../../shared/state/dynamodb/table-layout.ts';
import { entryCode } from '../build/entry-code.ts';
import { concurrencyOf, PARALLELIZATION_FACTOR } from '../deployment/concurrency.ts';
import { needsOf } from '../deployment/processor-needs.ts';
import { PROCESSOR_TIMEOUT_MS } from '../deployment/topology-check.ts';
import {
  namedResources,
  resourceOf,
  type AnyBucket,
  type AnyTable,
  type TopologyResources,
} from '../grants/topology-resources.ts';
import { DataStream } from './data-stream.ts';
import { DeadLetterBucket } from './dead-letter-bucket.ts';
import { KeyedTable } from './keyed-table.ts';
import { NotificationTopic } from './notification-topic.ts';
import { ProcessorFunction } from './processor-function.ts';
import { processorMetrics, type DeployedProcessor, type ProcessorMetrics } from './processor-metrics.ts';
import { checkProps, optionsOf, type MillraceTopologyProps } from './topology-props.ts';

/** Enough for 1,000 records with their states; CPU grows with memory, and this is more than half a core. */
const MEMORY_MB = 1024;

/** The least that Kinesis keeps records. */
const DEFAULT_RETENTION = Duration.days(1);

/**
 * A topology in a stack of yours: a function for each processor with exactly the permissions its description implies, and the
 * streams, tables, topics and dead letters that it is not given.
 *
 * Throws a `DeploymentError` that names everything that cannot be deployed, before it makes anything.
 *
 * @example
 * ```ts ignore
 * const orders = new MillraceTopology(stack, 'Orders', {
 *   topology: ordersTopology,
 *   entry: 'src/handler.ts',
 *   streams: { orders: Stream.fromStreamArn(stack, 'OrderStream', 'arn:aws:kinesis:eu-west-1:123456789012:stream/orders') },
 *   mapping: { startingPosition: StartingPosition.LATEST, batchSize: 500 },
 * });
 * orders.tableOf('orders-daily').grantReadData(reports);
 * ```
 */
export class MillraceTopology extends Construct {
  /** Everything it works with, made or given. */
  readonly resources: TopologyResources;
  /** In the order data flows. */
  readonly processors: readonly DeployedProcessor[];
  readonly #functions: ReadonlyMap<string, LambdaFunction>;

  /** @param id `Default` keeps the ids of what is made as if it were made in `scope` itself. */
  constructor(scope: Construct, id: string, props: MillraceTopologyProps) {
    checkProps(props);
    super(scope, id);
    this.resources = this.#makeResources(props);
    const code = props.code ?? entryCode(this, props.entry ?? `functions/${props.topology.name}/handler.ts`);
    const made = props.topology.processors.map((processor) => this.#makeFunction(processor, props, code));
    this.processors = made.map(({ deployed }) => deployed);
    this.#functions = new Map(made.map(({ deployed, handler }) => [deployed.id, handler]));
    for (const [name, value] of Object.entries(props.tags ?? {})) Tags.of(this).add(name, value);
  }

  /** The stream of this name in the topology. Throws a `RangeError` that lists the names there are. */
  streamOf(name: string): IStream {
    return resourceOf(this.resources.streams, name);
  }

  /** The table of this name, filled by a processor or looked into. Throws a `RangeError` that lists the names there are. */
  tableOf(name: string): AnyTable {
    const { tables, references } = this.resources;
    return resourceOf(new Map([...tables, ...references]), name);
  }

  /** The topic of a notification. Throws a `RangeError` that lists the names there are. */
  topicOf(name: string): ITopic {
    return resourceOf(this.resources.topics, name);
  }

  /** The function of the processor with this id. Throws a `RangeError` that lists the ids there are. */
  functionOf(processorId: string): LambdaFunction {
    return resourceOf(this.#functions, processorId);
  }

  /** What is measured of the processor with this id, for alarms and dashboards. Throws a `RangeError` that lists the ids there are. */
  metricsOf(processorId: string): ProcessorMetrics {
    return processorMetrics(resourceOf(new Map(this.processors.map((one) => [one.id, one])), processorId));
  }

  /** The table of all state; undefined if no processor keeps any. */
  get stateTable(): AnyTable | undefined {
    return this.resources.stateTable;
  }

  get deadLetters(): AnyBucket {
    return this.resources.deadLetters;
  }

  #makeResources(props: MillraceTopologyProps): TopologyResources {
    const { topology, encryptionKey, removalPolicy = RemovalPolicy.RETAIN, shards = 1 } = props;
    const { retention = DEFAULT_RETENTION, addresses = {} } = props;
    const kept = { encryptionKey, removalPolicy };
    const table = (id: string, layout: TableLayout): AnyTable => new KeyedTable(this, id, { layout, ...kept });
    const rows = (name: string): AnyTable => props.tables?.[name] ?? table(outputName('Table', name), ROW_TABLE);
    const stream = (name: string): IStream =>
      props.streams?.[name] ?? new DataStream(this, outputName('Stream', name), { shards, retention, ...kept });
    const topic = (name: string): ITopic =>
      props.topics?.[name] ??
      new NotificationTopic(this, outputName('Topic', name), {
        displayName: name,
        addresses: addresses[name] ?? [],
        encryptionKey,
      });
    return {
      deadLetters: props.deadLetters ?? new DeadLetterBucket(this, 'DeadLetters', kept),
      streams: namedResources(topology.streams, stream),
      stateTable: topology.processors.some((one) => needsOf(one).keepsState || needsOf(one).keepsShards)
        ? (props.stateTable ?? table('State', STATE_TABLE))
        : undefined,
      tables: namedResources(topology.tables, rows),
      references: namedResources(topology.references, rows),
      topics: namedResources(topology.notifications, topic),
    };
  }

  #makeFunction(
    processor: Processor,
    props: MillraceTopologyProps,
    code: (processorId: string) => Code,
  ): ProcessorFunction {
    const { topology, vpc, subnets, securityGroups, shards = 1, retention = DEFAULT_RETENTION } = props;
    const { id, from } = processor;
    const { memory, timeout, layers, environment = {}, mapping = {} } = optionsOf(props, id);
    const capacity = shards === 'on-demand' ? ({ capacity: shards, shards: 1 } as const) : provisioned(shards);
    return new ProcessorFunction(this, outputName('Function', id), {
      processor,
      inputIsForeign: topology.sources.includes(from),
      resources: this.resources,
      code: code(id),
      settings: environment,
      memoryMb: memory?.toMebibytes() ?? MEMORY_MB,
      timeout: timeout ?? Duration.millis(PROCESSOR_TIMEOUT_MS),
      concurrency: concurrencyOf(
        { ...capacity, reservedConcurrency: props.reservedConcurrency === true ? 'on' : 'off' },
        mapping.parallelizationFactor ?? PARALLELIZATION_FACTOR,
        needsOf(processor).hasTimers,
      ),
      retention: props.streams?.[from.name] === undefined ? retention : DEFAULT_RETENTION,
      mapping,
      ...{ vpc, subnets, securityGroups, layers },
    });
  }
}

const provisioned = (shards: number) => ({ capacity: 'provisioned', shards }) as const;
