import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const CDK = join(ROOT, 'node_modules/aws-cdk/bin/cdk');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-synth-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly status: number | null;
  readonly said: string;
}

/** Runs a program without an AWS account, without settings in the home folder and without a network. */
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Ended => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      TMPDIR: folder,
      NO_COLOR: '1',
      ...env,
    },
  });
  return { status, said: `${stdout}${stderr}` };
};

const cdkSynth = (...args: readonly string[]): Ended =>
  run([CDK, 'synth', '--quiet', '--no-notices', '--output', join(folder, 'out'), ...args], {
    NETWORK_LOG: join(folder, 'network'),
    NODE_OPTIONS: `--import=${join(ROOT, 'test/infra/support/no-network.js')}`,
  });

test('synthesis needs no account, no region and no network, bundles each function and says what it costs', () => {
  const { status, said } = cdkSynth('-c', 'pipeline=weather', '-c', 'shards=2');
  expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining('What weather costs in us-east-1') });
  expect(said).toContain('7 streams of 2 shards');
  expect(existsSync(join(folder, 'network'))).toBe(false);

  const out = join(folder, 'out');
  const template = readFileSync(join(out, 'millrace-weather-dev.template.json'), 'utf8');
  expect(template).toContain('AWS::Kinesis::Stream');
  const bundles = readdirSync(out).filter((name) => name.startsWith('asset.'));
  expect(bundles.map((name) => readdirSync(join(out, name)).sort())).toEqual(
    Array.from({ length: 8 }, () => ['index.js', 'index.js.map', 'package.json']),
  );
});

test('a wrong context value ends the synthesis with one error for the operator, and without a stack trace', () => {
  const { status, said } = cdkSynth('-c', 'shards=0', '-c', 'alertEmail=no-address', '-c', 'target=mars');
  expect(status).toBe(1);
  expect(said).toContain('shards is "0"; allowed: a whole number from 1 to 10000. Change it: -c shards=...');
  expect(said).toContain('alertEmail is "no-address"');
  expect(said).toContain('target is "mars"; allowed: aws or local');
  expect(said).not.toMatch(/^\s+at /mu);
});

test('nothing is deployed locally to an endpoint elsewhere', () => {
  const { status, said } = run(['infra/commands/deploy-local.ts'], {
    AWS_ENDPOINT_URL: 'https://kinesis.us-east-1.amazonaws.com',
  });
  expect(status).toBe(1);
  expect(said).toMatch(
    /^AWS_ENDPOINT_URL is https:\/\/kinesis\.us-east-1\.amazonaws\.com, which is not on this machine/u,
  );
  expect(said).not.toMatch(/^\s+at /mu);
});

test('nothing is destroyed at an endpoint elsewhere', () => {
  const { status, said } = run(['infra/commands/destroy.ts'], { AWS_ENDPOINT_URL: 'http://10.0.0.1:4566' });
  expect(status).toBe(1);
  expect(said).toMatch(/^AWS_ENDPOINT_URL is http:\/\/10\.0\.0\.1:4566, which is not on this machine/u);
});
