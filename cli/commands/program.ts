import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { parseJson } from '../../shared/codec/json.ts';
import { fieldOf } from '../../shared/runtime/field-of.ts';
import { addCostCommand } from './cost.ts';
import { addDeadLettersCommand } from './dead-letters.ts';
import { addLoadCommand } from './load.ts';
import { HELP, type Project } from './pipeline-group.ts';
import { addNewCommand } from './new.ts';
import { addProduceCommand } from './produce.ts';
import { addRunCommand } from './run.ts';
import { addServeCommand } from './serve.ts';
import { addStartCommand } from './start.ts';
import { addStatusCommand } from './status.ts';
import { addTailCommand } from './tail.ts';
import { addTopologyCommand } from './topology.ts';
import { withUsageErrors } from './usage-errors.ts';

/** The package's file is a folder further up from what the build has made. */
const PACKAGE_FILES = ['../../package.json', '../../../package.json'] as const;

const ownVersion = (): string => {
  const file = PACKAGE_FILES.map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url));
  if (file === undefined) return 'unknown';
  const parsed = parseJson(readFileSync(file, 'utf8'));
  return parsed.kind === 'value' ? String(fieldOf(parsed.value, 'version')) : 'unknown';
};

/** The command line of a project. Calls `exitWith` with the exit code of the command that ran, unless it is 0. */
export const millraceProgram = (project: Project, exitWith: (code: number) => void): Command => {
  const program = new Command('millrace')
    .configureHelp(HELP)
    .description(
      'Serverless stream processors in TypeScript: on the embedded runtime with no account and no servers, and on AWS.',
    );
  program.version(ownVersion());
  const commands = [
    ...addStartCommand(program, project, exitWith),
    ...addRunCommand(program, project, exitWith),
    ...addServeCommand(program, project, exitWith),
    ...addTopologyCommand(program, project),
    ...addCostCommand(program, project),
    ...addLoadCommand(program, project, exitWith),
    ...addProduceCommand(program, project, exitWith),
    ...addTailCommand(program, project, exitWith),
    ...addStatusCommand(program, project, exitWith),
    ...addDeadLettersCommand(program, project, exitWith),
    addNewCommand(program),
  ];
  for (const command of [program, ...commands]) withUsageErrors(command);
  return program;
};
