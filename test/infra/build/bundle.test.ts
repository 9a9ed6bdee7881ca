import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import config from '../../../millrace.config.ts';
import { bundleContents, BUNDLE_LIMIT_BYTES } from '../../../infra/build/bundle-size.ts';
import { bundle, type Bundle } from '../../../infra/build/bundle.ts';
import { handlerFiles } from '../../../infra/build/bundle.ts';
import { handlerFile } from '../../../infra/build/bundled-code.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-bundle-test-'));
const bundles = new Map<string, Bundle>();
const budgets = new Map(
  config.pipelines.flatMap(({ name, deployment }) =>
    Object.entries(deployment.bundleBytes ?? {}).map(
      ([handler, bytes]) => [handlerFile({ name }, handler), bytes] as const,
    ),
  ),
);

beforeAll(async () => {
  for (const file of handlerFiles()) bundles.set(file, await bundle(file, join(folder, file)));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the bundle of each function', () => {
  test('may have a budget of its own, below the limit of all, and each budget has a function', () => {
    for (const [file, budget] of budgets) {
      expect(handlerFiles()).toContain(file);
      expect(budget).toBeLessThan(BUNDLE_LIMIT_BYTES);
    }
  });

  test.each(handlerFiles())('%s is within it', (file) => {
    const { sizeBytes = Infinity, metafile = { inputs: {}, outputs: {} } } = bundles.get(file) ?? {};
    const budget = budgets.get(file) ?? BUNDLE_LIMIT_BYTES;
    const largest = bundleContents(metafile).slice(0, 10);
    const report = largest.map(({ name, bytes }) => `  ${String(bytes).padStart(7)} ${name}`).join('\n');
    const grown = `${file} has ${String(sizeBytes)} bytes, its budget is ${String(budget)}. Most of it is\n${report}`;
    expect(sizeBytes > budget ? grown : 'within its budget').toBe('within its budget');
  });

  test('has no way to sign in as a developer, nor the whole of zod', () => {
    for (const { metafile } of bundles.values()) {
      const names = bundleContents(metafile).map(({ name }) => name);
      expect(names).not.toContain('@aws-sdk/nested-clients');
      expect(names).not.toContain('@aws-sdk/credential-provider-ini');
      expect(Object.keys(metafile.inputs)).not.toContain('node_modules/zod/v4/classic/schemas.js');
    }
  });

  test('has no event streams, which no call of a function answers in', () => {
    for (const { metafile } of bundles.values()) {
      expect(Object.keys(metafile.inputs).filter((path) => path.includes('/event-streams/'))).toEqual([]);
    }
  });

  test('names the version of each client of the SDK in the user agent', () => {
    const manifest = readFileSync('node_modules/@aws-sdk/client-dynamodb/package.json', 'utf8');
    const version = String(/"version": "(.+)"/u.exec(manifest)?.[1]);
    for (const file of bundles.keys()) {
      expect(readFileSync(join(folder, file, 'index.js'), 'utf8')).toContain(`version:"${version}"`);
    }
  });

  test('is the same bytes wherever it is written', async () => {
    const [file = ''] = handlerFiles();
    await bundle(file, join(folder, 'another', 'place'));
    for (const name of ['index.js', 'index.js.map', 'package.json']) {
      const [one, other] = [join(folder, file, name), join(folder, 'another', 'place', name)].map((path) =>
        readFileSync(path),
      );
      expect(other).toEqual(one);
    }
  });
});
