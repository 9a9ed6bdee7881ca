import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Topology } from '../../shared/processor/topology.ts';
import { bundle } from './bundle.ts';
import type { PipelineCode } from '../stacks/topology-stack.ts';

/**
 * Bundles the handlers of a pipeline, each into its own subfolder of `folder`: for processor `weather/alert` that is
 * `functions/weather/handlers/alert.ts`, for the query API `api.ts` beside it.
 */
export const bundledCode = async (topology: Topology, folder: string): Promise<PipelineCode> => {
  const bundled = async (id: string): Promise<[id: string, code: Code]> => {
    const [pipeline = '', ...name] = id.split('/');
    const outFolder = join(folder, id.replaceAll('/', '~'));
    await bundle(`functions/${pipeline}/handlers/${name.join('-')}.ts`, outFolder);
    return [id, Code.fromAsset(outFolder)];
  };
  const apiId = `${topology.name}/api`;
  const codes = new Map(await Promise.all([...topology.processors.map(({ id }) => id), apiId].map(bundled)));
  const codeOf = (id: string): Code => {
    const code = codes.get(id);
    if (code === undefined) throw new RangeError(`no code was bundled for '${id}'`);
    return code;
  };
  return { processor: codeOf, api: () => codeOf(apiId) };
};
