import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { ownSourceMap } from '../../../infra/build/own-source-map.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-source-map-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Two files of ours around one of a package, bundled: the code, and the map as esbuild writes it. */
const bundled = async (): Promise<{ readonly code: string; readonly map: string }> => {
  const sources = {
    'own/first.ts': 'export const first = (n: number): number => {\n  return n * 2;\n};\n',
    'node_modules/thing/index.js': 'export const thing = (text) => {\n  return `${text}!`;\n};\n',
    'own/main.ts':
      "import { thing } from 'thing';\nimport { first } from './first.ts';\n\nconsole.log(thing('a'), first(1), thing('b'));\n",
  };
  for (const [path, text] of Object.entries(sources)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: ['own/main.ts'],
    outfile: 'out/index.js',
    bundle: true,
    minify: true,
    sourcemap: true,
    write: false,
  });
  const [map, code] = outputFiles.map(({ text }) => text);
  return { code: code ?? '', map: map ?? '' };
};

test('every place of our own code is found where it was, and none of a package', async () => {
  const { code, map } = await bundled();
  const before = sourceMap(map);
  const after = sourceMap(ownSourceMap(map));
  const seen = new Set<string>();
  for (const [line, text] of code.split('\n').entries()) {
    for (let column = 0; column < text.length; column++) {
      const was = before.findEntry(line, column);
      const is = after.findEntry(line, column);
      const source = 'originalSource' in was ? was.originalSource : '';
      seen.add(source);
      if (source.includes('node_modules')) expect(is).not.toHaveProperty('originalSource', source);
      else expect(placeOf(is)).toEqual(placeOf(was));
    }
  }
  expect([...seen].filter((source) => source !== '').sort()).toEqual([
    '../node_modules/thing/index.js',
    '../own/first.ts',
    '../own/main.ts',
  ]);
  expect(JSON.parse(ownSourceMap(map))).toMatchObject({ sources: ['../own/first.ts', '../own/main.ts'], names: [] });
});

const sourceMap = (json: string): SourceMap => {
  const payload: unknown = JSON.parse(json);
  if (!isPayload(payload)) throw new TypeError('no source map');
  return new SourceMap(payload);
};

const isPayload = (value: unknown): value is SourceMapPayload =>
  typeof value === 'object' && value !== null && 'mappings' in value;

const placeOf = (entry: ReturnType<SourceMap['findEntry']>): readonly unknown[] =>
  'originalSource' in entry ? [entry.originalSource, entry.originalLine, entry.originalColumn] : [];

test('what is no source map is refused', () => {
  expect(() => ownSourceMap('{"version":2,"sources":[],"mappings":""}')).toThrow(TypeError);
});
