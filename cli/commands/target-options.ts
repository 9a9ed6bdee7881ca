import { InvalidArgumentError, Option, type Command } from 'commander';
import { isStageName, STAGE_NAMES } from '../../shared/runtime/deployment/stage-name.ts';
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

const stageOf = (text: string): string => {
  if (isStageName(text)) return text;
  throw new InvalidArgumentError(`It must be ${STAGE_NAMES}.`);
};

/** The choice with nothing missing. Throws a `CommandError` where the target is: no command guesses an account. */
export const completeTarget = (
  { target, stage }: GivenTarget,
  seeAlso: string,
): { readonly target: Target; readonly stage: string } => {
  if (target === undefined) throw new CommandError(`missing --target, aws or local; ${seeAlso}`);
  return { target, stage };
};
