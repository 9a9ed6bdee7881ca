import type { Command, Help } from 'commander';
import { loadConfig, pipelineNamed, type Config } from '../../shared/pipeline/config.ts';
import type { Pipeline } from '../../shared/pipeline/description.ts';
import { CommandError } from '../errors/command-error.ts';

/** The project that a command runs in: its pipelines, or why they cannot be had. */
export type Project =
  { readonly kind: 'loaded'; readonly config: Config } | { readonly kind: 'failed'; readonly error: unknown };

/** Loads the project of a folder. Never rejects: help and `new` need none. */
export const projectIn = async (folder: string): Promise<Project> => {
  try {
    return { kind: 'loaded', config: await loadConfig(folder) };
  } catch (error) {
    return { kind: 'failed', error };
  }
};

/** A command that is about one pipeline, such as `run`. */
export interface PipelineGroup {
  readonly name: string;
  readonly description: string;
  /** Examples and exit codes, for the help; `pipeline` is the name of the first one. */
  readonly help: (pipeline: string) => string;
  /** Whether the first pipeline is meant where none is named. @default false */
  readonly firstIsDefault?: boolean;
  /** Adds the options of the command for one pipeline, and its action. */
  readonly build: (command: Command, pipeline: Pipeline) => Command;
}

const NO_PROJECT = 'my-pipeline';

/**
 * Adds a command with one command below it for each pipeline, so that each has the options and the help of its own. Returns all of
 * them.
 */
export const addPipelineGroup = (parent: Command, project: Project, group: PipelineGroup): readonly Command[] => {
  const { name, description, help, firstIsDefault = false, build } = group;
  const pipelines = project.kind === 'loaded' ? project.config.pipelines : [];
  const [first] = pipelines;
  const command = parent
    .command(name)
    .description(description)
    .usage(firstIsDefault ? '[pipeline] [options]' : '<pipeline> [options]')
    .commandsGroup('Pipelines:')
    .helpCommand(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[pipeline]')
    .configureHelp(HELP)
    .addHelpText('after', `\n${help(first?.name ?? NO_PROJECT)}`)
    .action((given: string | undefined) => {
      if (project.kind === 'failed') throw project.error;
      const names = pipelines.map((one) => one.name).join(', ');
      if (given === undefined || given.startsWith('-')) {
        throw new CommandError(`which pipeline? ${names}; see ${pathOf(command)} --help`);
      }
      pipelineNamed(project.config, given);
    });
  const own = pipelines.map((pipeline) =>
    build(
      command
        .command(pipeline.name, { isDefault: firstIsDefault && pipeline === first })
        .allowExcessArguments(false)
        .summary(pipeline.about)
        .description(`${description}\n\n${pipeline.name}: ${pipeline.about}`),
      pipeline,
    ).addHelpText('after', `\n${help(pipeline.name)}`),
  );
  return [command, ...own];
};

/** The pipelines of a command are listed as its commands; they are no argument of it. */
export const HELP: Partial<Help> = {
  visibleArguments: ({ commands, registeredArguments }) => (commands.length > 0 ? [] : [...registeredArguments]),
  subcommandTerm: (one) => {
    const [below = ''] = one.usage().split(' ', 1);
    return one.commands.length === 0 || below === '[options]' ? one.name() : `${one.name()} ${below}`;
  },
};

/** How a command is called, from the program on. */
export const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
