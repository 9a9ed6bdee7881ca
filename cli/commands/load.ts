import type { Command } from 'commander';
import { missingFiles, type References } from '../../shared/pipeline/reference.ts';
import { flagOf } from '../../shared/pipeline/options.ts';
import type { SomeValues } from '../../shared/pipeline/description.ts';
import { CommandError } from '../errors/command-error.ts';
import { addTargetOptions, completeTarget, type GivenTarget } from './options.ts';
import { addPipelineGroup, type Project } from './pipeline-group.ts';
import { addReferenceFiles, filesIn, seeHelpOf } from './pipeline-options.ts';

interface LoadOptions extends GivenTarget {
  readonly replace?: boolean;
  readonly [name: string]: unknown;
}

/** Adds the command that fills the reference tables of a deployed pipeline. */
export const addLoadCommand = (
  program: Command,
  project: Project,
  exitWith: (code: number) => void,
): readonly Command[] =>
  addPipelineGroup(program, project, {
    name: 'load',
    description: 'load reference data of a deployed pipeline',
    help: (
      pipeline,
    ) => `The tables whose files are named are loaded; the options of millrace load ${pipeline} --help name them.
Rows are written over those of the same key, so loading twice is loading once. Processors see them within a minute.`,
    build: (command, pipeline) =>
      addTargetOptions(addReferenceFiles(command, pipeline.references))
        .option('--replace', 'remove the rows that are not given')
        .addHelpText('after', tablesText(pipeline.references))
        .action(async (options: LoadOptions) => {
          const seeHelp = seeHelpOf(command);
          const chosen = chosenReferences(pipeline.references, options, seeHelp);
          const { target, stage } = completeTarget(options, seeHelp);
          const { loadReferenceTables } = await import('../aws/load/load-references.ts');
          const files = filesIn(chosen, options);
          exitWith(
            await loadReferenceTables({
              ...{ pipeline, target, stage, references: chosen, files },
              replace: options.replace ?? false,
            }),
          );
        }),
  });

const flagsOf = (references: References, name: string): string =>
  Object.keys(references[name]?.files ?? {})
    .map(flagOf)
    .join(', ');

const tablesText = (references: References): string => {
  const lines = Object.entries(references).map(
    ([name, { table }]) => `  ${table.name.padEnd(24)} ${flagsOf(references, name)}`,
  );
  return lines.length === 0 ? '' : `\nTables and their files:\n${lines.join('\n')}`;
};

/** Those references of which a file is named. Throws a `CommandError` for none, and for one of which others are missing. */
const chosenReferences = (references: References, given: SomeValues, seeHelp: string): References => {
  const named = Object.entries(references).filter(([, { files }]) =>
    Object.keys(files).some((option) => given[option] !== undefined),
  );
  const chosen = Object.fromEntries(named);
  if (named.length === 0) {
    const all = Object.keys(references).map((name) => flagsOf(references, name));
    throw new CommandError(
      all.length === 0
        ? `this pipeline has no reference data to load; ${seeHelp}`
        : `name the files of a table: ${all.join(', or ')}; ${seeHelp}`,
    );
  }
  const missing = missingFiles(chosen, filesIn(chosen, given));
  if (missing.length > 0) throw new CommandError(`missing ${missing.join(', ')}; ${seeHelp}`);
  return chosen;
};
