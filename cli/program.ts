import { Command } from 'commander';
import { addCostCommand } from './commands/cost.ts';
import { addDeadLettersCommand } from './commands/dead-letters.ts';
import { addLoadCommand } from './commands/load.ts';
import { addProduceCommand } from './commands/produce.ts';
import { addRunCommand } from './commands/run.ts';
import { addStartCommand } from './commands/start.ts';
import { addStatusCommand } from './commands/status.ts';
import { addTailCommand } from './commands/tail.ts';
import { addTopologyCommand } from './commands/topology.ts';
import { withUsageErrors } from './usage-errors.ts';

/** The command line, described. `exitWith` is told the exit code of the command that ran, unless it is 0. */
export const millraceProgram = (exitWith: (code: number) => void): Command => {
  const program = new Command('millrace').description(
    'Serverless stream processors in TypeScript: on the embedded runtime with no account and no servers, and on AWS.',
  );
  const commands = [
    addStartCommand(program, exitWith),
    addRunCommand(program, exitWith),
    addTopologyCommand(program),
    addCostCommand(program),
    ...addLoadCommand(program, exitWith),
    addProduceCommand(program, exitWith),
    addTailCommand(program, exitWith),
    addStatusCommand(program, exitWith),
    ...addDeadLettersCommand(program, exitWith),
  ];
  for (const command of [program, ...commands]) withUsageErrors(command);
  return program;
};
