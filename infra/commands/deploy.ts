import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { checkQuota, reservedConcurrency } from '../deployment/concurrency.ts';
import { contextOptions, readContext, type DeploymentContext } from '../deployment/context.ts';
import { DeploymentError } from '../deployment/deployment-error.ts';
import { weatherDeployment } from '../deployment/weather-deployment.ts';
import { approval, runCdk } from './cdk.ts';
import { checkLeadsToAws } from './endpoint.ts';
import { runScript } from './run-script.ts';

const contextOf = (options: readonly string[]): DeploymentContext => {
  const file: unknown = JSON.parse(readFileSync(join(resolve(import.meta.dirname, '../..'), 'cdk.json'), 'utf8'));
  const preset = typeof file === 'object' && file !== null && 'context' in file ? file.context : {};
  return readContext({ ...(typeof preset === 'object' ? preset : {}), ...contextOptions(options) });
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
  const context = contextOf(options);
  const reserved = reservedConcurrency(weatherDeployment(context).topology, context);
  const quota = reserved === 0 ? undefined : await concurrencyQuota();
  if (quota !== undefined) checkQuota(quota, reserved);
  return runCdk(process.env, ['deploy', '--all', ...approval('broadening', options), ...options]);
});
