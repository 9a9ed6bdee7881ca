import { FAILURE_EXIT_CODE, failureLine } from './errors/command-error.ts';
import { projectIn } from './commands/pipeline-group.ts';
import { millraceProgram } from './commands/program.ts';
import { HelpShown } from './commands/usage-errors.ts';

/** Runs the command line. Returns its exit code and never rejects; whatever went wrong is one line on standard error. */
export const main = async (args: readonly string[]): Promise<number> => {
  endQuietlyWithReader();
  process.once('uncaughtException', (error) => {
    report(error);
    process.exit(FAILURE_EXIT_CODE);
  });
  let exitCode = 0;
  try {
    const project = await projectIn(process.cwd());
    await millraceProgram(project, (code) => {
      exitCode = code;
    }).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof HelpShown) return error.exitCode;
    report(error);
    return FAILURE_EXIT_CODE;
  }
};

const report = (error: unknown): void => {
  process.stderr.write(`${failureLine(error, process.env['MILLRACE_DEBUG'] === '1')}\n`);
};

/** The reader of our output may close it early, as `head` does; that is no failure. */
const endQuietlyWithReader = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
};
