import type { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { StartingPosition, type Code, type ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Topology } from '../../shared/processor/topology.ts';
import { DeploymentError } from '../deployment/deployment-error.ts';
import { checkDeployable, PROCESSOR_TIMEOUT_MS } from '../deployment/topology-check.ts';
import type { AnyBucket, AnyTable } from '../grants/topology-resources.ts';
import type { FunctionNetwork } from './millrace-function.ts';
import type { MappingOptions } from './ordered-consumer.ts';

/** What may be said of all functions of a topology, and otherwise of a single one. */
export interface FunctionOptions {
  /** CPU grows with it: 1,769 MiB are one core. @default Size.mebibytes(1024) */
  readonly memory?: Size | undefined;
  /** Of one invocation. A processor with timers needs an `idleAfterMs` of three times as much. @default Duration.minutes(1) */
  readonly timeout?: Duration | undefined;
  readonly layers?: readonly ILayerVersion[] | undefined;
  /** Additional environment variables. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** How streams are read. */
  readonly mapping?: MappingOptions | undefined;
}

/** Resources that exist, by their names in the topology. What is not given is made. */
export interface GivenResources {
  /** Of any account. A stream with a key of yours must know it: `Stream.fromStreamAttributes({ streamArn, encryptionKey })`. */
  readonly streams?: Readonly<Record<string, IStream>> | undefined;
  /** Tables that processors fill, and reference tables; both with the keys `pk` and `sk`, two strings. */
  readonly tables?: Readonly<Record<string, AnyTable>> | undefined;
  /** Where notifications go. */
  readonly topics?: Readonly<Record<string, ITopic>> | undefined;
  /** The state of all processors; it must have been made by a Millrace topology. */
  readonly stateTable?: AnyTable | undefined;
  /** Where dead letters and given-up records are kept. */
  readonly deadLetters?: AnyBucket | undefined;
}

/** Options of {@link MillraceTopology}. */
export interface MillraceTopologyProps extends FunctionOptions, FunctionNetwork, GivenResources {
  readonly topology: Topology;
  /**
   * The file that exports a processor's `handler`, relative to the working directory; it may be one file for all:
   * `export const handler = lambda(orders)`.
   *
   * @default `functions/<topology>/handler.ts`
   */
  readonly entry?: string | ((processorId: string) => string) | undefined;
  /** Bundles of your own, in place of those made of `entry`. */
  readonly code?: ((processorId: string) => Code) | undefined;
  /** Options of single processors, by id; they go before those of all. */
  readonly processors?: Readonly<Record<string, FunctionOptions>> | undefined;
  /** Encrypts the streams, tables, topics and dead letters that are made. @default - keys that AWS manages */
  readonly encryptionKey?: IKey | undefined;
  /** Of each stream that is made. @default 1 */
  readonly shards?: number | 'on-demand' | undefined;
  /** How long streams keep records; at least a day. Streams that are given are taken to keep them a day. @default Duration.days(1) */
  readonly retention?: Duration | undefined;
  /** Of streams, tables and dead letters that are made. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy | undefined;
  /** E-mail addresses that a notification may reach, by its name. */
  readonly addresses?: Readonly<Record<string, readonly string[]>> | undefined;
  /**
   * Whether each function reserves as much of the account's concurrency as it can use, so that a slow one cannot use up the account.
   * Needs a fixed number of shards.
   *
   * @default false
   */
  readonly reservedConcurrency?: boolean | undefined;
  /** Of everything that is made. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** What is said of the function of a processor: its own options before those of all. */
export const optionsOf = (props: MillraceTopologyProps, processorId: string): FunctionOptions => {
  const own = props.processors?.[processorId] ?? {};
  return {
    memory: own.memory ?? props.memory,
    timeout: own.timeout ?? props.timeout,
    layers: own.layers ?? props.layers,
    environment: { ...props.environment, ...own.environment },
    mapping: { ...props.mapping, ...own.mapping },
  };
};

/** Throws a {@link DeploymentError} that names everything that cannot be deployed, before anything is made. */
export const checkProps = (props: MillraceTopologyProps): void => {
  const { topology } = props;
  checkDeployable(topology, (id) => optionsOf(props, id).timeout?.toMilliseconds() ?? PROCESSOR_TIMEOUT_MS);
  const nameOf = ({ name }: { readonly name: string }): string => name;
  const tables = [...topology.tables, ...topology.references].map(nameOf);
  const notifications = topology.notifications.map(nameOf);
  const ids = topology.processors.map(({ id }) => id);
  const wrong = [
    ...unknownNames('streams', props.streams, topology.streams.map(nameOf)),
    ...unknownNames('tables', props.tables, tables),
    ...unknownNames('topics', props.topics, notifications),
    ...unknownNames('addresses', props.addresses, notifications),
    ...unknownNames('processors', props.processors, ids),
    ...[undefined, ...ids].flatMap((id) => mappingFaults(id, id === undefined ? props : props.processors?.[id])),
  ];
  if (wrong.length > 0) {
    throw new DeploymentError(
      `topology '${topology.name}' cannot be deployed so:\n${wrong.map((line) => `  - ${line}`).join('\n')}`,
    );
  }
};

const unknownNames = (
  prop: string,
  given: Readonly<Record<string, unknown>> | undefined,
  known: readonly string[],
): readonly string[] =>
  Object.keys(given ?? {})
    .filter((name) => !known.includes(name))
    .map((name) => `${prop} names '${name}', which the topology has not: it has ${known.join(', ') || 'none'}`);

const mappingFaults = (id: string | undefined, options: FunctionOptions | undefined): readonly string[] => {
  const { atTimestamp, startingPosition } = options?.mapping ?? {};
  if (atTimestamp === undefined) return [];
  const where = id === undefined ? 'mapping' : `processors['${id}'].mapping`;
  if (Number.isNaN(atTimestamp.getTime())) return [`${where}.atTimestamp is no date: give one, or leave it out`];
  return startingPosition === undefined || startingPosition === StartingPosition.AT_TIMESTAMP
    ? []
    : [`${where} has atTimestamp and the startingPosition ${startingPosition}: give one of them`];
};
