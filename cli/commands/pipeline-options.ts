import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Pipeline, SomeValues } from '../../shared/pipeline/description.ts';
import { checkTogether, openPipeline, type OpenPipeline } from '../../shared/pipeline/open-pipeline.ts';
import { flagOf, type Options } from '../../shared/pipeline/options.ts';
import { type GivenFiles, loadReferences, missingFiles, type References } from '../../shared/pipeline/reference.ts';
import { fileSource } from '../../shared/source/file-source.ts';
import type { Source } from '../../shared/source/source.ts';
import { CommandError } from '../errors/command-error.ts';
import { say } from '../report/terminal.ts';
import { pathOf } from './pipeline-group.ts';

/** Options of one pipeline, as the user gave them: by the names it has for them. */
export interface GivenOptions {
  readonly input?: readonly string[];
  readonly format?: string;
  readonly [name: string]: unknown;
}

/** Adds a pipeline's own options to a command. */
export const addOwnOptions = (command: Command, options: Options, conflictsWithInput = false): Command => {
  for (const [name, option] of Object.entries(options)) {
    const added = new Option(`${flagOf(name)} <${option.valueName}>`, option.help)
      .argParser((text: string) => {
        const checked = option.check(text);
        if (checked.kind === 'good') return checked.value;
        throw new InvalidArgumentError(`It must be ${checked.allowed}.`);
      })
      .default(option.default);
    command.addOption(conflictsWithInput ? added.conflicts('input') : added);
  }
  return command;
};

/** Adds the options that name the files of a pipeline's reference data. */
export const addReferenceFiles = (command: Command, references: References): Command => {
  for (const { files } of Object.values(references)) {
    for (const [name, { help }] of Object.entries(files)) command.option(`${flagOf(name)} <file>`, help);
  }
  return command;
};

/** Adds the options that say what comes in, with the files of these references. */
export const addInputs = (command: Command, { inputs }: Pipeline, references: References): Command => {
  const formats = inputs.map(({ name }) => name);
  command.option(
    '--input <file...>',
    "files, folders, patterns such as 'logs/*.gz', or - for standard input; plain or gzip, read in this order",
  );
  if (inputs.length > 1) {
    const shown = inputs.map(({ name, help }) => `${name} (${help})`).join(', ');
    command.addOption(
      new Option('--format <name>', `what the lines of the input are: ${shown}`)
        .choices(formats)
        .default(undefined, 'what the first lines look like'),
    );
  }
  return addReferenceFiles(command, references);
};

/** Where records come from, and the pipeline that takes them; the fingerprint covers both. */
export interface Feed {
  readonly pipeline: OpenPipeline;
  readonly source: Source;
}

/** Those references that a pipeline cannot do without. */
export const neededReferences = (references: References): References =>
  Object.fromEntries(
    Object.entries(references).filter(([, { files }]) => Object.values(files).some(({ optional }) => !optional)),
  );

/**
 * Makes sure that the options name all files that are needed. Throws a `CommandError` that names all that are missing.
 *
 * Commander could demand options too, but would do so one by one, and before it reports an unknown one.
 */
export const checkGiven = (references: References, given: GivenOptions, seeAlso: string): void => {
  const missing = [
    ...(given.input === undefined ? ['--input'] : []),
    ...missingFiles(references, filesIn(references, given)),
  ];
  if (missing.length > 0) throw new CommandError(`missing ${missing.join(', ')}; ${seeAlso}`);
};

/**
 * Opens a pipeline over the reference data that the options name, with the fingerprint of both. Rejects for the first file that
 * is missing or unusable, and for rows that do not go together.
 */
export const openWithReferences = async (
  pipeline: Pipeline,
  references: References,
  given: SomeValues,
): Promise<{ readonly open: OpenPipeline; readonly fingerprint: Readonly<Record<string, string>> }> => {
  const { rows, fingerprint } = await loadReferences(references, filesIn(references, given));
  checkTogether(pipeline, rows);
  sayWhatIsLeftOut(references, given);
  return {
    open: await openPipeline(pipeline, { values: given, rows }),
    fingerprint: { ...fingerprint, ...fingerprintOf(pipeline.options, given) },
  };
};

/**
 * Opens the files that the options name, and the pipeline over its reference data. Rejects for the first file that is missing or
 * cannot be used, before anything is written.
 */
export const feedOfFiles = async (pipeline: Pipeline, references: References, given: GivenOptions): Promise<Feed> => {
  const { input = [], format } = given;
  const { open, fingerprint } = await openWithReferences(pipeline, references, given);
  const wanted = pipeline.inputs.find(({ name }) => name === format);
  const source = await fileSource({
    inputs: input,
    formats: pipeline.inputs,
    ...(wanted !== undefined && { format: wanted }),
  });
  return {
    pipeline: open,
    source: { ...source, fingerprint: { ...source.fingerprint, ...fingerprint } },
  };
};

/** Data that a pipeline may do without is easily forgotten, and what it leads to then just does not happen. */
const sayWhatIsLeftOut = (references: References, given: SomeValues): void => {
  for (const { files } of Object.values(references)) {
    for (const [name, { help, optional }] of Object.entries(files)) {
      if (optional && given[name] === undefined) say(`no ${flagOf(name)}: ${help}`);
    }
  }
};

/** The files of references that the options name. */
export const filesIn = (references: References, given: SomeValues): GivenFiles =>
  Object.fromEntries(
    Object.values(references)
      .flatMap(({ files }) => Object.keys(files))
      .map((name) => [name, typeof given[name] === 'string' ? given[name] : undefined]),
  );

/** The values of options, by flag. */
export const fingerprintOf = (options: Options, given: SomeValues): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.keys(options).map((name) => [flagOf(name), String(given[name])]));

/** Where the user reads on. */
export const seeHelpOf = (command: Command): string => `see ${pathOf(command)} --help`;
