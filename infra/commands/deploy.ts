import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { LoadedConfig } from '../../shared/pipeline/config.ts';
import { checkQuota, reservedConcurrency } from '../deployment/concurrency.ts';
import { contextOptions, readContext, type DeploymentContext } from '../deployment/context.ts';
import { DeploymentError } from '../deployment/deployment-error.ts';
import { chosenPipelines, optionsOf, projectConfig } from '../deployment/pipeline-deployment.ts';
import { approval, runCdk } from './cdk.ts';
import { checkLeadsToAws } from './endpoint.ts';
import { runScript } from './run-script.ts';

const contextOf = (config: LoadedConfig, options: readonly string[]): DeploymentContext => {
  const file: unknown = JSON.parse(readFileSync(join(config.root, 'cdk.json'), 'utf8'));
  const preset = typeof file === 'object' && file !== null && 'context' in file ? file.context : {};
  const given = { ...(typeof preset === 'object' ? preset : {}), ...contextOptions(options) };
  return readContext(given, optionsOf(config.pipelines));
};

/** The account's quota of concurrent executions; undefined if it may not be read, which leaves the check to the deployment. */
const concurrencyQuota = async (): Promise<number | undefined> => {
  try {
    const { AccountLimit: limit } = await new LambdaClient().send(new GetAccountSettingsCommand());
    return limit?.ConcurrentExecutions;
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDeniedException') return undefined;
    throw error;
  }
};

await runScript(async () => {
  checkLeadsToAws(process.env);
  const given = process.argv.slice(2);
  const { target = 'aws' } = contextOptions(given);
  if (target !== 'aws') {
    throw new DeploymentError(
      `npm run deploy goes to AWS, got -c target=${target}. Leave it out, or use npm run deploy:local`,
    );
  }
  const options = [...given, '-c', 'target=aws'];
  const config = await projectConfig();
  const context = contextOf(config, options);
  const reserved = chosenPipelines(config, context.pipeline)
    .map((pipeline) => reservedConcurrency(pipeline.topology(context.options), context))
    .reduce((sum, one) => sum + one, 0);
  const quota = reserved === 0 ? undefined : await concurrencyQuota();
  if (quota !== undefined) checkQuota(quota, reserved);
  return runCdk(process.env, ['deploy', '--all', ...approval('broadening', options), ...options]);
});
