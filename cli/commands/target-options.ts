import { InvalidArgumentError, Option, type Command } from 'commander';
import { TARGETS, type Target } from '../aws/target.ts';
import { CommandError } from '../command-error.ts';

/** Which deployment, as the user gave it. */
export interface GivenTarget {
  readonly target?: Target;
  readonly stage: string;
}

/** Adds the options of {@link GivenTarget} to a command. */
export const addTargetOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--target <name>', 'aws, or local: the loopback endpoint that AWS_ENDPOINT_URL names').choices(
        TARGETS,
      ),
    )
    .option('--stage <name>', 'stage of the deployment', stageOf, 'dev');

/** What infrastructure takes as the name of a stage. */
const stageOf = (text: string): string => {
  if (/^[a-z][a-z0-9-]{0,31}$/u.test(text)) return text;
  throw new InvalidArgumentError('It must be 1 to 32 of a-z 0-9 -, and begin with a letter.');
};

/** The choice with nothing missing. Throws a `CommandError` where the target is: no command guesses an account. */
export const completeTarget = (
  { target, stage }: GivenTarget,
  seeAlso: string,
): { readonly target: Target; readonly stage: string } => {
  if (target === undefined) throw new CommandError(`missing --target, aws or local; ${seeAlso}`);
  return { target, stage };
};
