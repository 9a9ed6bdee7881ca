import type { Volumes } from '../../shared/cost/assumptions.ts';
import type { Topology } from '../../shared/processor/topology.ts';
import type { QueryApiDescription } from '../constructs/query-api.ts';

/** A pipeline, with what a deployment needs beside its topology. */
export interface PipelineDeployment {
  readonly topology: Topology;
  /** Additional environment variables of single functions, by processor id. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** E-mail addresses that a notification may reach, by its name. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly api: QueryApiDescription;
  /** Measured volumes, for the bill. */
  readonly volumes: Volumes;
  /** The stream that records enter by, and the notification of alerts; two outputs of the stack name them. */
  readonly rawStream: string;
  readonly alertTopic: string;
}
