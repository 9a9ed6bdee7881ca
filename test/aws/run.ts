import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants as fsConstants, statSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseEndpoint, type EndpointChoice } from './support/endpoint-choice.ts';
import { localEnvironment } from './support/local-environment.ts';
import type { RunningEndpoint } from './support/running-endpoint.ts';

/*
 * `npm run test:aws`: finds or starts an endpoint that speaks AWS, runs the tests that need one, and stops what it started.
 * Arguments go to Jest.
 */

const USAGE_EXIT_CODE = 2;

const say = (text: string): void => {
  process.stdout.write(`test:aws: ${text}\n`);
};

const main = async (args: readonly string[]): Promise<number> => {
  const { env } = process;
  const givenUrl = env['AWS_ENDPOINT_URL'];
  const choice = chooseEndpoint({
    givenUrl,
    dockerProblem: (givenUrl ?? '') === '' ? await dockerProblem() : 'not asked',
    image: env['MILLRACE_AWS_IMAGE'],
    ministack: ministackProgram(),
    isRequired: env['MILLRACE_AWS_REQUIRED'] === '1',
  });
  switch (choice.kind) {
    case 'skipped':
      say(`skipped: ${choice.reason}`);
      return 0;
    case 'refused':
      say(choice.reason);
      return USAGE_EXIT_CODE;
    default:
      return runOn(choice, args);
  }
};

/** Asking Docker takes a moment, and loading what asks it some more. */
const dockerProblem = async (): Promise<string | undefined> =>
  process.env['MILLRACE_AWS_DOCKER'] === 'off'
    ? 'MILLRACE_AWS_DOCKER is off'
    : (await import('./support/container-endpoint.ts')).dockerProblem();

type Endpoint = Exclude<EndpointChoice, { kind: 'skipped' | 'refused' }>;

const runOn = async (choice: Endpoint, args: readonly string[]): Promise<number> => {
  const endpoint = await opened(choice);
  try {
    say(`${titleOf(choice)} at ${endpoint.url}`);
    return await jest(endpoint.url, args);
  } finally {
    await endpoint.close();
  }
};

const opened = async (choice: Endpoint): Promise<RunningEndpoint> => {
  switch (choice.kind) {
    case 'given':
      return { url: choice.url, close: () => Promise.resolve() };
    case 'process':
      return (await import('./support/ministack-process.ts')).startMinistack(choice.program);
    case 'container': {
      const { startLocalstackContainer, startMinistackContainer } = await import('./support/container-endpoint.ts');
      say(`starts ${choice.image}`);
      return (choice.flavour === 'ministack' ? startMinistackContainer : startLocalstackContainer)(choice.image);
    }
  }
};

const titleOf = (choice: Endpoint): string => {
  switch (choice.kind) {
    case 'given':
      return 'the endpoint of AWS_ENDPOINT_URL';
    case 'process':
      return `a process of ${choice.program}`;
    case 'container':
      return `a container of ${choice.image}`;
  }
};

/** Runs Jest; while it runs, a signal that ends us ends it first. */
const jest = async (url: string, args: readonly string[]): Promise<number> => {
  const child = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, '../../node_modules/jest/bin/jest.js'),
      `--config=${fileURLToPath(import.meta.resolve('../../jest.aws.config.js'))}`,
      ...args,
    ],
    {
      stdio: 'inherit',
      env: { ...localEnvironment(process.env), AWS_ENDPOINT_URL: url },
      cwd: join(import.meta.dirname, '../..'),
    },
  );
  const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => {
    // A terminal sends its own signals to both of us.
    const listener = (): boolean => process.stdin.isTTY || child.kill(signal);
    process.on(signal, listener);
    return { signal, listener };
  });
  await once(child, 'exit');
  for (const { signal, listener } of listeners) process.off(signal, listener);
  return child.signalCode === null ? (child.exitCode ?? 1) : 128 + constants.signals[child.signalCode];
};

const ministackProgram = (): string | undefined => {
  const { MILLRACE_MINISTACK: named = '', PATH = '' } = process.env;
  if (named !== '') return named;
  return PATH.split(delimiter)
    .map((folder) => join(folder, 'ministack'))
    .find(isProgram);
};

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, fsConstants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  return 1;
});
