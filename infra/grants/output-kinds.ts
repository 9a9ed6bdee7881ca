import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Output, Outputs } from '../../shared/processor/outputs.ts';
import type { FunctionEnvironment } from '../../shared/runtime/lambda/environment.ts';
import { DataStream } from '../constructs/data-stream.ts';
import { resourceOf, textsOf, type Named, type TopologyResources } from './topology-resources.ts';

/** The parts of a function's environment that name the destinations of its outputs. */
export type OutputEnvironment = Pick<FunctionEnvironment, 'streams' | 'topics'>;

/** What a function needs to write outputs of one kind, given the names of their destinations. */
interface OutputKind {
  readonly variable: keyof OutputEnvironment;
  /** How long the mapping may collect records before it invokes a function with such an output. */
  readonly batchingWindow: Duration;
  environment(resources: TopologyResources, names: readonly string[]): Readonly<Record<string, string>>;
  grant(resources: TopologyResources, names: readonly string[]): PolicyStatement;
}

interface OutputKindProps<Resource> {
  readonly variable: keyof OutputEnvironment;
  readonly batchingWindow: Duration;
  readonly actions: readonly string[];
  destinations(resources: TopologyResources): Named<Resource>;
  /** By what the function addresses it. */
  address(destination: Resource): string;
  arn(destination: Resource): string;
}

const outputKind = <Resource>(props: OutputKindProps<Resource>): OutputKind => ({
  variable: props.variable,
  batchingWindow: props.batchingWindow,
  environment: (resources, names) =>
    textsOf(props.destinations(resources), names, (destination) => props.address(destination)),
  grant: (resources, names) =>
    new PolicyStatement({
      actions: [...props.actions],
      resources: names.map((name) => props.arn(resourceOf(props.destinations(resources), name))),
    }),
});

/** A second of records is one read and one write of each state key. */
const BATCHING_WINDOW = Duration.seconds(1);

/** All values of a batch for one recipient are one message, and mail is not read by the second. */
const DIGEST_WINDOW = Duration.seconds(60);

/** What each kind of output needs: a new kind is one more entry. */
const OUTPUT_KINDS: Readonly<Record<Output['kind'], OutputKind>> = {
  stream: outputKind({
    variable: 'streams',
    batchingWindow: BATCHING_WINDOW,
    actions: ['kinesis:PutRecords'],
    destinations: ({ streams }) => streams,
    // What is given from outside may be of another account, where a name alone would mean a stream of this one.
    address: (stream) => (stream instanceof DataStream ? stream.streamName : stream.streamArn),
    arn: ({ streamArn }) => streamArn,
  }),
  notification: outputKind({
    variable: 'topics',
    batchingWindow: DIGEST_WINDOW,
    actions: ['sns:Publish'],
    destinations: ({ topics }) => topics,
    address: ({ topicArn }) => topicArn,
    arn: ({ topicArn }) => topicArn,
  }),
};

/** The outputs of a processor by kind, each destination once. */
const byKind = (outputs: Outputs): readonly (readonly [kind: OutputKind, names: readonly string[]])[] =>
  [...Map.groupBy(Object.values(outputs), ({ kind }) => kind)].map(([kind, some]) => [
    OUTPUT_KINDS[kind],
    [...new Set(some.map(({ name }) => name))],
  ]);

/** Permission to write the outputs of a processor. */
export const outputGrants = (outputs: Outputs, resources: TopologyResources): readonly PolicyStatement[] =>
  byKind(outputs).map(([kind, names]) => kind.grant(resources, names));

/** Where the outputs of a processor go, as its function's environment names it. */
export const outputEnvironment = (outputs: Outputs, resources: TopologyResources): OutputEnvironment =>
  byKind(outputs).reduce<OutputEnvironment>(
    (environment, [kind, names]) => ({ ...environment, [kind.variable]: kind.environment(resources, names) }),
    { streams: {}, topics: {} },
  );

/** How long a processor's mapping may collect records: as long as the most patient of its outputs allows. */
export const batchingWindowOf = (outputs: Outputs): Duration =>
  byKind(outputs).reduce(
    (longest, [{ batchingWindow }]) => (batchingWindow.toSeconds() > longest.toSeconds() ? batchingWindow : longest),
    BATCHING_WINDOW,
  );
