/*
 * The public names of `millrace/cdk`: constructs for an app of yours.
 */
export { MillraceTopology } from './constructs/millrace-topology.ts';
export type { FunctionOptions, GivenResources, MillraceTopologyProps } from './constructs/topology-props.ts';
export type { FunctionNetwork } from './constructs/millrace-function.ts';
export type { MappingOptions } from './constructs/ordered-consumer.ts';
export type { DeployedProcessor, ProcessorMetrics } from './constructs/processor-metrics.ts';
export { DeploymentError } from './deployment/deployment-error.ts';
export type { AnyBucket, AnyTable, Named, TopologyResources } from './grants/topology-resources.ts';
