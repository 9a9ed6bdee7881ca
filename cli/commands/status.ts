import type { Command } from 'commander';
import { addTargetOptions, completeTarget, type GivenTarget } from './options.ts';

interface StatusOptions extends GivenTarget {
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  millrace status --target aws
  millrace status --target local --stage dev --json

For each processor: its event source mapping and how its last batch went, lag (the highest age of a record of the last
minute that has one), partition keys held in the last 15 minutes and why, the lowest watermark, and
dead letters. Then the alarms of the stack that are in ALARM. What an endpoint does not report is 'unknown'.

Exit codes:
  0  nothing needs you      1  an alarm, a held partition key, a dead letter or a mapping that is off does
  2  it could not be asked`;

/** Adds the command that says how a deployed pipeline is. */
export const addStatusCommand = (program: Command, exitWith: (code: number) => void): Command =>
  addTargetOptions(program.command('status').description('say how a deployed pipeline is'))
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json = false, ...given }: StatusOptions) => {
      const choice = completeTarget(given, 'see millrace status --help');
      const { showStatus } = await import('../aws/status/show-status.ts');
      exitWith(await showStatus(choice, json));
    });
