import { InvalidArgumentError, type Command, Option } from 'commander';
import { isStageName, STAGE_NAMES } from '../../shared/runtime/deployment/stage-name.ts';
import { isWholeNumber } from '../../shared/runtime/whole-number.ts';
import { TARGETS, type Target } from '../aws/target.ts';
import { CommandError } from '../errors/command-error.ts';

/** Makes the check of an option that is a whole number of a range; digits only, so `1e3`, `0x10` and blanks are refused. */
export const wholeNumber =
  (lowest: number, highest: number): ((text: string) => number) =>
  (text) => {
    if (isWholeNumber(text, lowest, highest)) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from ${String(lowest)} to ${String(highest)}.`);
  };

/** Reads an option that is a pace: lines per second, or `max`, which is `Infinity`. */
export const linesPerSecond = (text: string): number => {
  if (text === 'max') return Infinity;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw new InvalidArgumentError("It must be a whole number of lines per second from 1 to 999999999, or 'max'.");
};

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
