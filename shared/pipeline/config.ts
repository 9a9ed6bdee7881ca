import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fieldOf } from '../runtime/field-of.ts';
import { UserError } from '../source/user-error.ts';
import type { Pipeline } from './description.ts';
import { didYouMean } from './nearest-name.ts';

/** The pipelines of a project: what `millrace.config.ts` exports. */
export interface Config {
  /** The first one is what `millrace start` shows where none is named. */
  readonly pipelines: readonly Pipeline[];
}

/**
 * Lists the pipelines of a project.
 *
 * Throws a {@link UserError} where two have one name, or there is none.
 */
export const defineConfig = (config: Config): Config => {
  const names = config.pipelines.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new UserError(
      `two pipelines are called '${twice}': rename the topology of one, for its state hangs on the name`,
    );
  }
  if (names.length === 0) throw new UserError('pipelines is empty: list at least one');
  return config;
};

/** A config and where it was found. */
export interface LoadedConfig extends Config {
  /** The folder that it is in: paths of the project begin here. */
  readonly root: string;
  readonly file: string;
}

const FILES = ['millrace.config.ts', 'millrace.config.js', 'millrace.config.mjs'] as const;
const EXAMPLE = 'export default defineConfig({ pipelines: [...] })';

/** The config file of a folder, or else of the nearest folder above it that has one. */
export const findConfig = (folder: string): string | undefined => {
  const found = FILES.map((name) => join(folder, name)).find((path) => existsSync(path));
  const above = dirname(folder);
  return found ?? (above === folder ? undefined : findConfig(above));
};

/**
 * Loads the config of the project that a folder is in.
 *
 * Rejects with a {@link UserError} of one line where there is none, it does not load, or it is no config.
 */
export const loadConfig = async (folder: string): Promise<LoadedConfig> => {
  const file = findConfig(folder);
  if (file === undefined) {
    throw new UserError(
      `no ${FILES[0]} in ${JSON.stringify(folder)} or a folder above it; write one, ${EXAMPLE}, or change to the folder that has it`,
    );
  }
  const shown = JSON.stringify(file);
  const config = fieldOf(await moduleAt(file), 'default');
  if (!isConfig(config)) throw new UserError(`${shown} ${faultOf(config)}`);
  return { ...defineConfig(config), root: dirname(file), file };
};

const moduleAt = async (file: string): Promise<unknown> => {
  try {
    const loaded: unknown = await import(pathToFileURL(file).href);
    return loaded;
  } catch (cause) {
    const problem = cause instanceof UserError ? cause.message : describe(cause);
    throw new UserError(`cannot load ${JSON.stringify(file)}: ${problem}; mend it and run the command again`, {
      cause,
    });
  }
};

/** Not asked with `instanceof`: a config may throw anything. */
const describe = (cause: unknown): string => {
  const [name, message] = [fieldOf(cause, 'name'), fieldOf(cause, 'message')];
  return typeof message === 'string' ? `${typeof name === 'string' ? name : 'Error'}: ${message}` : String(cause);
};

/** By what it has, not by what made it: a project may have a copy of the library of its own. */
const isConfig = (value: unknown): value is Config => {
  const pipelines = fieldOf(value, 'pipelines');
  return Array.isArray(pipelines) && pipelines.every(isPipeline);
};

const isPipeline = (value: unknown): boolean => lackOf(value).length === 0;

const lackOf = (value: unknown): readonly string[] => [
  ...(typeof fieldOf(value, 'name') === 'string' ? [] : ['name']),
  ...(typeof fieldOf(value, 'topology') === 'function' ? [] : ['topology']),
  ...(Array.isArray(fieldOf(value, 'inputs')) ? [] : ['inputs']),
];

/** Which entry is no pipeline, and what it lacks; the usual mistakes are a topology in its place and an import that is not there. */
const faultOf = (config: unknown): string => {
  const pipelines: unknown = fieldOf(config, 'pipelines');
  if (!Array.isArray(pipelines)) return `has no config as its default export; end it with ${EXAMPLE}`;
  const entries: readonly unknown[] = pipelines;
  const at = entries.findIndex((one) => !isPipeline(one));
  const wrong = entries[at];
  const name = fieldOf(wrong, 'name');
  const called = typeof name === 'string' ? ` ('${name}')` : '';
  const place = `pipelines[${String(at)}]${called}`;
  if (typeof wrong !== 'object' || wrong === null) {
    return `has ${place}, which is ${String(wrong)} and no pipeline; check what is imported for it`;
  }
  const lack = lackOf(wrong).join(', ');
  return `has ${place}, which is no pipeline: it lacks ${lack}; make it with pipeline({ topology: ... })`;
};

/** The pipeline of a name. Throws a {@link UserError} for another one, which names those there are. */
export const pipelineNamed = ({ pipelines }: Config, name: string): Pipeline => {
  const found = pipelines.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = pipelines.map((one) => one.name);
  throw new UserError(`no pipeline '${name}'${didYouMean(name, names)}; pipelines are ${names.join(', ')}`);
};
