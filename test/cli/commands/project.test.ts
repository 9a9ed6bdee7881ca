import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { newFolder } from '../support/made-weather.ts';
import { millrace } from '../support/millrace.ts';
import { tempFiles } from '../../source/temp-files.ts';

const files = tempFiles();
const CONFIG = new URL('../../../shared/pipeline/config.ts', import.meta.url).href;
const WEATHER = new URL('../../../functions/weather/pipeline.ts', import.meta.url).href;
const IMPORTS = `import { defineConfig } from '${CONFIG}';\nimport { weather } from '${WEATHER}';\n`;
let projects = 0;

const project = (config?: string): string => {
  const folder = newFolder(files, `project-${String((projects += 1))}`);
  mkdirSync(folder);
  if (config !== undefined) writeFileSync(join(folder, 'millrace.config.ts'), config);
  return folder;
};

test.each([
  ['none', undefined, /^millrace: no millrace\.config\.ts in ".*" or a folder above it; write one, /],
  [
    'one that is no TypeScript',
    'export default {',
    /^millrace: cannot load ".*millrace\.config\.ts": \S*SyntaxError: .*; mend it and run/,
  ],
  ['one that throws', "throw new Error('not\\ntoday')", /^millrace: cannot load ".*": Error: not today; mend it/],
  [
    'one without an export',
    'export const a = 1;',
    /has no config as its default export; end it with export default defineConfig/,
  ],
  [
    'one with an entry that is none',
    `${IMPORTS}export default { pipelines: [weather, undefined] };`,
    /millrace\.config\.ts" has pipelines\[1\], which is undefined and no pipeline; check what is imported for it/,
  ],
  [
    'one with a topology in place of a pipeline',
    `${IMPORTS}export default { pipelines: [weather, weather.topology({ graceDays: 1 })] };`,
    /has pipelines\[1\] \('weather'\), which is no pipeline: it lacks topology, inputs; make it with pipeline\(/,
  ],
  [
    'one with two pipelines of one name',
    `${IMPORTS}export default defineConfig({ pipelines: [weather, weather] });`,
    /cannot load ".*": two pipelines are called 'weather': rename the topology of one/,
  ],
])('a project with %s says so in one line, with exit code 2; help needs no project', async (_what, config, message) => {
  const folder = project(config);
  const { code, err, out } = await millrace(['run', 'weather'], folder);
  expect(err).toMatch(message);
  expect(err).toMatch(/^millrace: [^\n]+\n$/);
  expect([code, out]).toEqual([2, '']);
  expect((await millrace(['run', '--help'], folder)).code).toBe(0);
});

test('the config is that of the folder a command runs in, or of one above it', async () => {
  const folder = project(`${IMPORTS}export default defineConfig({ pipelines: [weather] });`);
  mkdirSync(join(folder, 'below', 'it'), { recursive: true });
  const { code, out } = await millrace(['topology', 'weather'], join(folder, 'below', 'it'));
  expect([code, out]).toEqual([0, expect.stringMatching(/^topology weather\n/)]);
});

test('new writes a pipeline that works, adds it to the config, and writes over nothing', async () => {
  const folder = project();
  const made = await millrace(['new', 'page-views'], folder);
  expect([made.code, made.err]).toEqual([0, '']);
  expect(made.out).toMatch(/wrote functions\/page-views\/pipeline\.ts\n(?:.*\n)*wrote millrace\.config\.ts\n/);
  const again = await millrace(['new', 'page-views'], folder);
  expect([again.code, again.err]).toEqual([
    2,
    expect.stringMatching(/"functions\/page-views" is there already; take another name/),
  ]);

  // The library is not installed here, so the package's name is replaced by its place.
  const library = fileURLToPath(new URL('../../../shared/index.ts', import.meta.url));
  for (const path of ['millrace.config.ts', 'functions/page-views/pipeline.ts']) {
    writeFileSync(join(folder, path), readFileSync(join(folder, path), 'utf8').replace("'millrace'", `'${library}'`));
  }
  const { code, out } = await millrace(['start', '--orders', '100', '--speed', 'max'], folder);
  expect([code, out]).toEqual([0, expect.stringMatching(/page-views\/total +100 +100 .*The books balance\./s)]);
  const second = await millrace(['new', 'orders'], folder);
  expect(second.out).toContain('added it to millrace.config.ts');
  expect(readFileSync(join(folder, 'millrace.config.ts'), 'utf8')).toContain(
    'pipelines: [pageViewsPipeline, ordersPipeline]',
  );
});

test('rows of a table that are no objects are written with their keys, objects as they are', async () => {
  const library = new URL('../../../shared/index.ts', import.meta.url).href;
  const folder =
    project(`import { aggregate, defineConfig, json, pipeline, stream, table, text, topology } from '${library}';
    const words = stream('words', { codec: text(), partitionKey: () => 'all' });
    const common = { from: words, key: (word) => word };
    const count = { ...common, id: 'words/count', as: table('counts', json('count', (one) => typeof one === 'number')) };
    const last = { ...common, id: 'words/last', as: table('last', json('word', (one) => typeof one === 'object')) };
    export default defineConfig({ pipelines: [pipeline({ topology: topology('words', [
      aggregate({ ...count, initial: () => 0, add: (sum) => sum + 1 }),
      aggregate({ ...last, initial: () => ({}), add: (row, word) => ({ word }) }),
    ]) })] });`);
  writeFileSync(join(folder, 'words.txt'), 'the\n"mill"\nthe\n');
  const { code, err } = await millrace(['run', 'words', '--input', 'words.txt', '--out', 'results'], folder);
  expect([code, err]).toEqual([0, '']);
  const linesOf = (name: string): readonly string[] =>
    readFileSync(join(folder, 'results', 'tables', `${name}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n')
      .sort();
  expect(linesOf('counts')).toEqual(['{"key":"\\"mill\\"","value":1}', '{"key":"the","value":2}']);
  expect(linesOf('last')).toEqual(['{"word":"\\"mill\\""}', '{"word":"the"}']);
});

test('a name that cannot be one is refused', async () => {
  const { code, err } = await millrace(['new', 'Page Views'], project());
  expect([code, err]).toEqual([2, expect.stringMatching(/'Page Views' is invalid .*1 to 40 of a-z 0-9 and single -/)]);
});
