import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { enterLocalCredentials } from '../../shared/runtime/deployment/local-credentials.ts';
import { stackName } from '../../shared/runtime/deployment/output-name.ts';
import { contextOf, readContext } from '../deployment/context.ts';
import { onlyPipeline, optionsOf, projectConfig } from '../deployment/pipeline-deployment.ts';
import { DeploymentError } from '../deployment/deployment-error.ts';
import { leadsToThisMachine } from './endpoint.ts';
import { runScript } from './run-script.ts';
import { deleteStack, emptyBucket, stackContents } from './stack-removal.ts';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Asks before anything is deleted. Throws a {@link DeploymentError} without a terminal to ask on. */
const confirm = async (stack: string): Promise<boolean> => {
  if (!process.stdin.isTTY) {
    throw new DeploymentError(
      `deleting ${stack} needs a confirmation, and standard input is not a terminal; say --yes`,
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Type ${stack} to delete it: `);
  terminal.close();
  return answer.trim() === stack;
};

const destroy = async (): Promise<boolean> => {
  const { values } = parseArgs({
    options: {
      context: { type: 'string', short: 'c', multiple: true, default: [] },
      yes: { type: 'boolean', default: false },
    },
  });
  const isLocal = leadsToThisMachine(process.env);
  const config = await projectConfig();
  const { stage, pipeline } = readContext(contextOf(values.context), optionsOf(config.pipelines));
  if (isLocal) enterLocalCredentials();
  const name = stackName(onlyPipeline(config, pipeline).name, stage);
  const cloudFormation = new CloudFormationClient();
  const contents = await stackContents(cloudFormation, name);
  if (contents === undefined) {
    say(`No stack ${name} exists${isLocal ? '' : ' in this account and region'}.`);
    return true;
  }
  const kept = contents.filter(({ isRetained }) => isRetained);
  const buckets = contents.filter(({ type, isRetained }) => type === 'AWS::S3::Bucket' && !isRetained);
  say(`${name}: ${String(contents.length - kept.length)} resources will be deleted, with all data in them.`);
  if (kept.length > 0) {
    say('These stay, because the stage is not dev; only you can delete them:');
    for (const { type, physicalId } of kept) say(`  ${type}  ${physicalId}`);
    say(
      'Tables are protected: run aws dynamodb update-table --no-deletion-protection-enabled --table-name NAME first.',
    );
  }
  if (!isLocal && !values.yes && !(await confirm(name))) {
    say('Nothing was deleted.');
    return false;
  }
  const s3 = new S3Client({ forcePathStyle: isLocal });
  for (const { physicalId } of buckets) await emptyBucket(s3, physicalId);
  await deleteStack(cloudFormation, name);
  say(`${name} is deleted.`);
  return true;
};

await runScript(destroy);
