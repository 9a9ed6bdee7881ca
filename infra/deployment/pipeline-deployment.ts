import { loadConfig, type LoadedConfig, pipelineNamed } from '../../shared/pipeline/config.ts';
import type { DeploymentOptions, Pipeline } from '../../shared/pipeline/description.ts';
import type { Options } from '../../shared/pipeline/options.ts';
import type { Volumes } from '../../shared/cost/assumptions.ts';
import type { Topology } from '../../shared/processor/topology.ts';
import type { QueryApiDescription } from '../constructs/query-api.ts';
import type { DeploymentContext } from './context.ts';
import { DeploymentError } from './deployment-error.ts';

/** A pipeline as it is deployed, with the values of its options. */
export interface PipelineDeployment {
  readonly topology: Topology;
  /** Additional environment variables of single functions, by processor id. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** E-mail addresses that a notification may reach, by its name. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly api: QueryApiDescription;
  /** Measured volumes, for the bill. */
  readonly volumes: Volumes | undefined;
  /** The stream that records enter by; an output of the stack names it. */
  readonly entry: string;
}

/** What a pipeline comes to in a deployment. */
export const pipelineDeployment = (pipeline: Pipeline, context: DeploymentContext): PipelineDeployment => {
  const { deployment, entry } = pipeline;
  const topology = pipeline.topology(context.options);
  return {
    topology,
    settings: deployment.settings?.(context.options) ?? {},
    addresses: Object.fromEntries(topology.notifications.map(({ name }) => [name, context.alertEmail])),
    api: apiOf(topology, deployment.api),
    volumes: deployment.volumes,
    entry: entry.name,
  };
};

/** The routes that every query API has. */
const TABLE_ROUTE = { method: 'GET', path: '/tables/{proxy+}' } as const;

const apiOf = (topology: Topology, given: DeploymentOptions<unknown>['api'] = {}): QueryApiDescription => {
  const { tables = topology.tables, references = topology.references, edited = [], routes = [] } = given;
  const namesOf = (some: readonly { readonly name: string }[]): readonly string[] => some.map(({ name }) => name);
  return {
    tables: namesOf(tables),
    references: namesOf(references),
    edited: namesOf(edited),
    routes: [TABLE_ROUTE, ...routes],
  };
};

/** The config of the project that commands are run in. */
export const projectConfig = (): Promise<LoadedConfig> => loadConfig(process.cwd());

/** The pipelines that a deployment is about: the one that its context names, or all. */
export const chosenPipelines = (config: LoadedConfig, name: string | undefined): readonly Pipeline[] =>
  name === undefined ? config.pipelines : [pipelineNamed(config, name)];

/** The one pipeline that a command is about. Throws a {@link DeploymentError} where the project has several and none is named. */
export const onlyPipeline = (config: LoadedConfig, name: string | undefined): Pipeline => {
  const [only, second] = chosenPipelines(config, name);
  if (only !== undefined && second === undefined) return only;
  const names = config.pipelines.map((one) => one.name).join(', ');
  throw new DeploymentError(`which pipeline? Say -c pipeline=NAME; pipelines are ${names}`);
};

/** The options of some pipelines; of two with one name, that of the first. */
export const optionsOf = (pipelines: readonly Pipeline[]): Options =>
  Object.fromEntries(pipelines.toReversed().flatMap(({ options }) => Object.entries(options)));
