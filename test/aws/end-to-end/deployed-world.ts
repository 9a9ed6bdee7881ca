import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TempFiles } from '../../source/temp-files.ts';
import { millrace, script, type Finished } from './command.ts';
import { deployedRun, type DeployedRun } from './deployed-run.ts';
import { embeddedRun, type EmbeddedRun } from './embedded-run.ts';
import { openMailbox, type Mailbox } from '../support/mailbox.ts';
import { queryApi, type Ask } from './query-api.ts';
import { weatherSample, type WeatherSample } from './weather-sample.ts';

/** One sample, and the two runs of it. */
export interface DeployedWorld {
  readonly sample: WeatherSample;
  readonly embedded: EmbeddedRun;
  readonly deployed: DeployedRun;
  readonly mailbox: Mailbox;
  readonly ask: Ask;
  /** Types a command that is about this deployment. */
  readonly type: (...words: readonly string[]) => Promise<Finished>;
  /** Types the command that puts a part of the sample in; started again, it goes on where it was. */
  readonly produce: (part: number) => Promise<Finished>;
}

/** Deploys the pipeline into a stage of the endpoint of this run, and runs the sample on the embedded runtime. */
export const deployWorld = async (stage: string, files: TempFiles): Promise<DeployedWorld> => {
  const sample = await weatherSample(files);
  process.stderr.write(`${sample.title}; stage ${stage}\n`);
  const embedded = await embeddedRun(sample);
  // Two shards, so that lanes are spread.
  await script('deploy:local', '-c', 'pipeline=weather', '-c', `stage=${stage}`, '-c', 'shards=2');
  const deployed = await deployedRun(stage);
  const { deployment } = deployed;
  const { stations, countries, states } = sample.lists;
  const type: DeployedWorld['type'] = (...words) => millrace(...words, '--target', 'local', '--stage', stage);
  return {
    sample,
    embedded,
    deployed,
    mailbox: await openMailbox(deployment.one('alertTopicArn'), `millrace-${stage}`),
    ask: queryApi(deployment.one('apiUrl'), process.env['AWS_ENDPOINT_URL'] ?? ''),
    type,
    produce: (part) => {
      const state = join(files.folder, `produce-${String(part)}`);
      mkdirSync(state, { recursive: true });
      const lists = ['--stations', stations, '--countries', countries, '--states', states];
      return type('produce', 'weather', '--input', sample.parts[part] ?? '', ...lists, '--state', state);
    },
  };
};
