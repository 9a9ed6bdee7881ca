import type { Command, CommanderError } from 'commander';
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
      throw new CommandError(`${problem}; ${allowedBy(command, error.code)}see ${pathOf(command)} --help`);
    });

const isHelp = ({ code }: CommanderError): boolean =>
  code === 'commander.help' || code === 'commander.helpDisplayed' || code === 'commander.version';

const allowedBy = (command: Command, code: string): string => {
  switch (code) {
    case 'commander.unknownCommand':
      return `commands are ${command.commands.map((one) => one.name()).join(', ')}; `;
    case 'commander.unknownOption':
      return `options are ${command.options.map(({ long, short }) => long ?? short ?? '').join(', ')}; `;
    default:
      return '';
  }
};
