import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Topology } from '../../shared/processor/topology.ts';
import { DeploymentError } from '../deployment/deployment-error.ts';
import type { PipelineCode } from '../stacks/topology-stack.ts';
import { bundle } from './bundle.ts';

/** The query API of pipelines that have no handler for one. */
const TABLE_API = resolve(import.meta.dirname, '../../shared/runtime/lambda/api/table-api.ts');

/**
 * The handler of a processor, or of the query API as `api`, from the project's root: that of `orders/totals` in the topology
 * `orders` is `functions/orders/handlers/totals.ts`.
 */
export const handlerFile = ({ name }: Pick<Topology, 'name'>, id: string): string => {
  const own = id.startsWith(`${name}/`) ? id.slice(name.length + 1) : id;
  return `functions/${name}/handlers/${own.replaceAll('/', '-')}.ts`;
};

/**
 * Bundles the handlers of a pipeline, each into its own subfolder of `folder`. A pipeline without a handler `api.ts` gets the query
 * API of its tables.
 *
 * Rejects with a {@link DeploymentError} that names every other handler that is missing.
 */
export const bundledCode = async (root: string, topology: Topology, folder: string): Promise<PipelineCode> => {
  const ids = topology.processors.map(({ id }) => id);
  const missing = ids.map((id) => handlerFile(topology, id)).filter((file) => !existsSync(join(root, file)));
  if (missing.length > 0) {
    throw new DeploymentError(
      `${topology.name} has no ${missing.join(', ')}; write it: export const handler = lambda(PROCESSOR);`,
    );
  }
  const bundled = async (id: string): Promise<[id: string, code: Code]> => {
    const file = handlerFile(topology, id);
    const outFolder = join(folder, id.replaceAll('/', '~'));
    await bundle(existsSync(join(root, file)) ? file : TABLE_API, outFolder, root);
    return [id, Code.fromAsset(outFolder)];
  };
  const apiId = `${topology.name}/api`;
  const codes = new Map(await Promise.all([...ids, apiId].map(bundled)));
  const codeOf = (id: string): Code => {
    const code = codes.get(id);
    if (code === undefined) throw new RangeError(`no code was bundled for '${id}'`);
    return code;
  };
  return { processor: codeOf, api: () => codeOf(apiId) };
};
