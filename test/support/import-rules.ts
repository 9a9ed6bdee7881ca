import { sourceImports, type SourceImport } from './source-imports.ts';

/** The order of the library's layers: a layer may import itself and those before it. */
const LAYERS: readonly string[] = [
  'shared/codec',
  'shared/stream',
  'shared/processor',
  'shared/engine',
  'shared/runtime',
  'shared/source',
  'shared/pipeline',
];

/** Ports and their implementations: they know the layers up to the engine's ports, and no runtime. */
const ADAPTERS: readonly string[] = ['shared/state', 'shared/sink'];

/** What stores and sinks both need of the AWS SDK: clients, retries, limits. It knows nothing of the project. */
const AWS = 'shared/aws';

/** What each of the project's other folders may import of the project, itself included. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  shared: ['shared'],
  functions: ['functions', 'shared'],
  infra: ['infra', 'shared'],
  cli: ['cli', 'shared'],
  bench: ['bench', 'cli', 'functions', 'infra', 'shared', 'test'],
};

/** What a dead letter is; its identity decides where a sink keeps it. */
const STATE_PORT: ReadonlySet<string> = new Set(['shared/state/state-store.ts', 'shared/state/item-bytes.ts']);
const DEAD_LETTER = 'shared/engine/dead-letter.ts';

const AWS_SDK = /^(aws-sdk|@aws-sdk\/|@smithy\/)/u;
const KNOWS_AWS_SDK =
  /^(shared\/aws\/|shared\/state\/|shared\/sink\/|shared\/runtime\/lambda\/|infra\/|cli\/aws\/|bench\/)/u;

/** Where a processor becomes a function: the only part of a pipeline that knows where it runs. */
const HANDLERS = /^functions\/[^/]+\/handlers\//u;

/** Built-in modules without clock, chance or I/O: all that a pure layer may use. */
const PURE_BUILT_INS: ReadonlySet<string> = new Set(['node:assert', 'node:buffer', 'node:util']);
const CLOCK = /(^|\/)[^/]*clock[^/]*$/u;

/** The entry points of the package. */
const ENTRIES: ReadonlySet<string> = new Set(['shared/index.ts', 'shared/lambda.ts', 'shared/testing.ts']);

const under = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);
const folderOf = (path: string, folders: readonly string[]): number => folders.findIndex((it) => under(path, it));

type Rule = (path: string, found: SourceImport) => string | undefined;

const betweenFolders: Rule = (path, { target }) => {
  const from = path.split('/', 1)[0] ?? '';
  const to = target.split('/', 1)[0] ?? '';
  if (!(to in FOLDERS) && to !== 'test') return undefined;
  return FOLDERS[from]?.includes(to) === false ? `${from}/ may not import ${to}/` : undefined;
};

const betweenLayers: Rule = (path, { target }) => {
  const from = folderOf(path, LAYERS);
  const to = folderOf(target, LAYERS);
  return from >= 0 && to > from
    ? `${LAYERS[from] ?? ''} comes before ${LAYERS[to] ?? ''} and may not import it`
    : undefined;
};

const ofAdapters: Rule = (path, { target, typeOnly }) => {
  const from = folderOf(path, ADAPTERS);
  if (from >= 0) {
    if (under(target, 'shared/runtime')) return 'a store or sink may not import a runtime';
    if (ADAPTERS[from] === 'shared/state' && under(target, 'shared/sink')) return 'a store may not import a sink';
    if (ADAPTERS[from] === 'shared/sink' && under(target, 'shared/state')) return 'a sink may not import a store';
    if (under(target, 'shared/engine') && target !== DEAD_LETTER && !typeOnly) {
      return 'a store or sink may import only types of the engine';
    }
    return undefined;
  }
  // The pages of the port, with the limit that every store obeys and how it is counted.
  if (folderOf(target, ADAPTERS) < 0 || (STATE_PORT.has(target) && under(path, 'shared/engine'))) return undefined;
  const layer = folderOf(path, LAYERS);
  if (layer < 0 || layer >= LAYERS.indexOf('shared/runtime')) return undefined;
  if (layer < LAYERS.indexOf('shared/engine'))
    return 'only the engine and what comes after it may know stores and sinks';
  return typeOnly ? undefined : 'the engine is given its stores and sinks and may import only their types';
};

const ofAws: Rule = (path, { target }) => {
  if (under(path, AWS)) {
    const isForeign = !under(target, 'shared') || under(target, AWS);
    return isForeign ? undefined : 'shared/aws may import nothing else of the project';
  }
  if (!under(target, AWS)) return undefined;
  const layer = folderOf(path, LAYERS);
  return layer >= 0 && layer < LAYERS.indexOf('shared/runtime')
    ? 'only stores, sinks and what runs them may know shared/aws'
    : undefined;
};

const ofTesting: Rule = (path, { target }) =>
  under(target, 'shared/testing') &&
  under(path, 'shared') &&
  !under(path, 'shared/testing') &&
  path !== 'shared/testing.ts'
    ? 'the library may not import its own test driver'
    : undefined;

const ofIndex: Rule = (path, { target }) =>
  ENTRIES.has(target) && under(path, 'shared')
    ? 'inside shared/ import the file itself, not an entry point'
    : undefined;

const ofAwsSdk: Rule = (path, { target }) =>
  AWS_SDK.test(target) && !KNOWS_AWS_SDK.test(path)
    ? 'only shared/aws, shared/state, shared/sink, shared/runtime/lambda, infra, cli/aws and bench may know the AWS SDK'
    : undefined;

const ofHandlers: Rule = (path, { target }) =>
  under(path, 'functions') && under(target, 'shared/runtime') && !HANDLERS.test(path)
    ? 'a pipeline may not know where it runs: only its handlers may import a runtime'
    : undefined;

const ofPureLayers: Rule = (path, { target }) => {
  if (!under(path, 'shared/processor')) return undefined;
  if (CLOCK.test(target)) return 'time is an argument: a processor may not import a clock';
  if (target.startsWith('node:') && !PURE_BUILT_INS.has(target)) {
    return `a processor may not import ${target}: of Node it may use ${[...PURE_BUILT_INS].join(', ')}`;
  }
  return undefined;
};

const RULES: readonly Rule[] = [
  betweenFolders,
  betweenLayers,
  ofAdapters,
  ofAws,
  ofTesting,
  ofIndex,
  ofAwsSdk,
  ofHandlers,
  ofPureLayers,
];

/**
 * What one file imports against the direction of the project, a line each: where, what, and the rule.
 *
 * @param path From the project's root, with `/` between folders.
 */
export const importViolations = (path: string, text: string): readonly string[] =>
  sourceImports(path, text).flatMap((found) =>
    RULES.flatMap((rule) => {
      const broken = rule(path, found);
      return broken === undefined ? [] : [`${path}:${found.line} imports ${found.target}: ${broken}`];
    }),
  );
