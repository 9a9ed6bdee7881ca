import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import * as z from 'zod';
import { pageBlocks, testedBlocks } from '../support/doc-blocks.ts';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'docs',
  'create-millrace/README.md',
  'create-millrace/template/README.md',
];

const tested = testedBlocks('test/docs', 'test/readme');

test('each TypeScript block of README and docs is code that a test runs', () => {
  const untested = pageBlocks('ts', ...PAGES).filter(({ code }) => !tested.some((one) => one.code === code));
  expect(untested).toEqual([]);
});

test('what a test shows as an example is in a page', () => {
  const shown = pageBlocks('ts', ...PAGES).map(({ code }) => code);
  expect(tested.filter(({ code }) => !shown.includes(code))).toEqual([]);
});

test.each(pageBlocks('json', ...PAGES))('the JSON at $at can be read', ({ code }) => {
  expect(() => {
    JSON.parse(code);
  }).not.toThrow();
});

test('each npm script that a page names exists', () => {
  const manifest = (folder: string): unknown =>
    JSON.parse(readFileSync(join(import.meta.dirname, '../..', folder, 'package.json'), 'utf8'));
  const SCRIPTS = z.object({ scripts: z.record(z.string(), z.string()) });
  const known = ['', 'create-millrace/template'].flatMap((folder) =>
    Object.keys(SCRIPTS.parse(manifest(folder)).scripts),
  );
  const named = pageBlocks('sh', ...PAGES).flatMap(({ at, code }) =>
    [...code.matchAll(/\bnpm run (?:-s )?([\w:-]+)/gu)].map(([, script = '']) => ({ at, script })),
  );
  expect(named.filter(({ script }) => !known.includes(script))).toEqual([]);
});
