import { Command } from 'commander';
import { addRunCommand } from './commands/run.ts';
import { addStartCommand } from './commands/start.ts';
import { addTopologyCommand } from './commands/topology.ts';
import { withUsageErrors } from './usage-errors.ts';

/** The command line, described. `exitWith` is told the exit code of the command that ran, unless it is 0. */
export const millraceProgram = (exitWith: (code: number) => void): Command => {
  const program = new Command('millrace').description(
    'Serverless stream processors in TypeScript, here on the embedded runtime: no account, no servers.',
  );
  const commands = [addStartCommand(program, exitWith), addRunCommand(program, exitWith), addTopologyCommand(program)];
  for (const command of [program, ...commands]) withUsageErrors(command);
  return program;
};
