import type { Command, CommanderError } from 'commander';
import { didYouMean } from '../../shared/pipeline/nearest-name.ts';
import { CommandError } from '../errors/command-error.ts';
import { pathOf } from './pipeline-group.ts';

/** Thrown where help or the version was shown, which is all that was asked for. */
export class HelpShown extends Error {
  override readonly name = 'HelpShown';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('help was shown');
    this.exitCode = exitCode;
  }
}

/** Lets a command throw a {@link CommandError} of one line for wrong arguments, which says what is allowed and where to read on. */
export const withUsageErrors = (command: Command): Command =>
  command
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError(false)
    .exitOverride((error) => {
      if (isHelp(error)) throw new HelpShown(error.exitCode === 0 ? 0 : 2);
      const problem = error.message.replace(/^error: /, '').replace(/\.$/, '');
      const allowed = allowedBy(command, error.code);
      if (allowed === undefined) throw new CommandError(`${problem}; see ${pathOf(command)} --help`);
      const given = /'(?<given>.+)'/u.exec(problem)?.groups?.['given'] ?? '';
      const { what, names } = allowed;
      throw new CommandError(
        `${problem}${didYouMean(given, names)}; ${what} are ${names.join(', ')}; see ${pathOf(command)} --help`,
      );
    });

const isHelp = ({ code }: CommanderError): boolean =>
  code === 'commander.help' || code === 'commander.helpDisplayed' || code === 'commander.version';

interface Allowed {
  readonly what: string;
  readonly names: readonly string[];
}

const allowedBy = (command: Command, code: string): Allowed | undefined => {
  switch (code) {
    case 'commander.unknownCommand':
      return { what: 'commands', names: command.commands.map((one) => one.name()) };
    case 'commander.unknownOption':
      return { what: 'options', names: command.options.map(({ long, short }) => long ?? short ?? '') };
    default:
      return undefined;
  }
};
