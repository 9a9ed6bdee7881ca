import { createHash } from 'node:crypto';
import { matchesGlob } from 'node:path';
import { sourceFiles, type SourceFile } from '../../support/source-files.ts';
import { sourceImports } from '../../support/source-imports.ts';

/** What is mutated where nothing else is asked for. */
export const SOURCES: readonly string[] = ['shared/engine', 'shared/processor', 'shared/state', 'shared/runtime/local'];

/** Tests that may notice it; tests that start the program in another process cannot. */
const TESTS: readonly string[] = [
  ...['codec', 'engine', 'processor', 'readme', 'state', 'stream', 'testing'].map((folder) => `test/${folder}`),
  'test/runtime/local',
];

/** Tests of the edges. They load the engine too and are slow at noticing anything there. */
const EDGE_TESTS: readonly string[] = [
  'test/aws',
  'test/cli/aws',
  'test/cost',
  'test/pipeline',
  'test/runtime',
  'test/sink',
  'test/source',
];

/** A test file, and everything of the project that it loads. */
export interface TestFile {
  readonly path: string;
  readonly loads: ReadonlySet<string>;
  /** Changes when the file changes, or one under `test/` or `shared/testing` that it loads. */
  readonly digest: string;
  /** Changes with everything that it loads. */
  readonly wholeDigest: string;
}

/** A short digest of texts. */
export const digestOf = (...texts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 12);

const isOfTests = (path: string): boolean => path.startsWith('test/') || path.startsWith('shared/testing/');

const FOLDERS = ['shared', 'functions', 'cli', 'test'] as const;

/** What each module of the project loads itself when the program runs, by path. */
const importGraph = (all: ReadonlyMap<string, SourceFile>): ((path: string) => readonly string[]) => {
  const importsOf = new Map<string, readonly string[]>();
  return (path) => {
    const known = importsOf.get(path);
    if (known !== undefined) return known;
    const file = all.get(path);
    const found = file === undefined ? [] : sourceImports(path, file.text).filter(({ typeOnly }) => !typeOnly);
    const targets = found.map(({ target }) => target).filter((target) => all.has(target));
    importsOf.set(path, targets);
    return targets;
  };
};

/**
 * Finds the modules that load a source file for some tests, directly or through others, itself included: only they can tell a
 * mutant of it.
 */
export const dependentsFinder = (testFiles: readonly TestFile[]): ((source: string) => readonly string[]) => {
  const all = new Map(sourceFiles(...FOLDERS).map((file) => [file.path, file]));
  const imports = importGraph(all);
  const importers = new Map<string, string[]>();
  for (const path of new Set(testFiles.flatMap(({ loads }) => [...loads]))) {
    for (const target of imports(path)) importers.set(target, [...(importers.get(target) ?? []), path]);
  }
  const found = new Map<string, readonly string[]>();
  return (source) => {
    const known = found.get(source);
    if (known !== undefined) return known;
    const dependents = new Set([source]);
    for (const one of dependents) for (const importer of importers.get(one) ?? []) dependents.add(importer);
    found.set(source, [...dependents]);
    return [...dependents];
  };
};

/** The test files of the project that load one of the given sources. */
export const testFilesFor = (sources: readonly SourceFile[]): readonly TestFile[] => {
  const isOfEdges = sources.some(({ path }) => !SOURCES.some((folder) => path.startsWith(`${folder}/`)));
  const folders = isOfEdges ? [...TESTS, ...EDGE_TESTS] : TESTS;
  const all = new Map(sourceFiles(...FOLDERS).map((file) => [file.path, file]));
  const imports = importGraph(all);
  return [...all.values()]
    .filter(({ path }) => path.endsWith('.test.ts') && !path.endsWith('.aws.test.ts'))
    .filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)))
    .map(({ path }) => {
      const loads = new Set([path]);
      for (const one of loads) for (const target of imports(one)) loads.add(target);
      const digest = (paths: readonly string[]): string => digestOf(...paths.map((one) => all.get(one)?.text ?? ''));
      const sorted = [...loads].toSorted();
      return { path, loads, digest: digest(sorted.filter(isOfTests)), wholeDigest: digest(sorted) };
    })
    .filter(({ loads }) => sources.some(({ path }) => loads.has(path)));
};

/** The source files to mutate: all of {@link SOURCES}, or those of the library that a glob matches. */
export const mutatedSources = (only: string | undefined): readonly SourceFile[] =>
  only === undefined ? sourceFiles(...SOURCES) : sourceFiles('shared').filter(({ path }) => matchesGlob(path, only));
