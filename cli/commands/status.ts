import type { Command } from 'commander';
import { addTargetOptions, completeTarget, type GivenTarget } from './options.ts';
import { addPipelineGroup, type Project } from './pipeline-group.ts';
import { seeHelpOf } from './pipeline-options.ts';

interface StatusOptions extends GivenTarget {
  readonly json?: boolean;
}

/** Adds the command that says how a deployed pipeline is. */
export const addStatusCommand = (
  program: Command,
  project: Project,
  exitWith: (code: number) => void,
): readonly Command[] =>
  addPipelineGroup(program, project, {
    name: 'status',
    description: 'say how a deployed pipeline is',
    help: (pipeline) => `Examples:
  millrace status ${pipeline} --target aws
  millrace status ${pipeline} --target local --stage dev --json

For each processor: its event source mapping and how its last batch went, lag (the highest age of a record of the last
minute that has one), partition keys held in the last 15 minutes and why, the lowest watermark, and
dead letters. Then the alarms of the stack that are in ALARM. What an endpoint does not report is 'unknown'.

Exit codes:
  0  nothing needs you      1  an alarm, a held partition key, a dead letter or a mapping that is off does
  2  it could not be asked`,
    build: (command, pipeline) =>
      addTargetOptions(command)
        .option('--json', 'as JSON')
        .action(async ({ json = false, ...given }: StatusOptions) => {
          const choice = { pipeline, ...completeTarget(given, seeHelpOf(command)) };
          const { showStatus } = await import('../aws/status/show-status.ts');
          exitWith(await showStatus(choice, json));
        }),
  });
