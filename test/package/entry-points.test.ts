import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import * as z from 'zod';
import * as constructs from '../../infra/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const MANIFEST = z.object({
  version: z.string(),
  files: z.array(z.string()),
  exports: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])),
  dependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean() })).default({}),
});
const manifest = MANIFEST.parse(JSON.parse(textOf('package.json')));

test('millrace/cdk has the names of its constructs, though it loads them only when the CDK is there', () => {
  const names =
    /^export const \{(?<names>[^}]*)\} = constructs;$/mu.exec(textOf('infra/cdk.ts'))?.groups?.['names'] ?? '';
  expect(names.split(',').map((name) => name.trim())).toEqual(Object.keys(constructs).sort());
});

test('each entry point is built of a source', () => {
  const built = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === 'string' ? [] : Object.values(entry),
  );
  expect(built.length).toBeGreaterThan(0);
  for (const path of built) {
    const source = path.replace(/^\.\/dist\//u, '').replace(/(?:\.d\.ts|\.js)$/u, '.ts');
    expect({ path, exists: existsSync(join(ROOT, source)) }).toEqual({ path, exists: true });
  }
});

test('a project that only writes processors need not install the CDK', () => {
  for (const name of ['aws-cdk-lib', 'constructs', 'esbuild']) {
    expect(manifest.dependencies).not.toHaveProperty([name]);
    expect(manifest.peerDependencies).toHaveProperty([name]);
    expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true });
  }
});

test('both packages have one version, because what one creates depends on the other', () => {
  expect(z.object({ version: z.string() }).parse(JSON.parse(textOf('create-millrace/package.json'))).version).toBe(
    manifest.version,
  );
});
