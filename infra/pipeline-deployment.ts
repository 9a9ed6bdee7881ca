import type { Topology } from '../shared/processor/topology.ts';
import type { QueryApiDescription } from './constructs/query-api.ts';

/** A pipeline with what its topology does not say and a deployment needs. */
export interface PipelineDeployment {
  readonly topology: Topology;
  /** Variables of single functions beside those that every processor has, by id of the processor. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Who gets e-mail of a notification, by its name. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly api: QueryApiDescription;
  /** Stream that records enter by, and notification of its alerts: the two that outputs of the stack are named for. */
  readonly rawStream: string;
  readonly alertTopic: string;
}
