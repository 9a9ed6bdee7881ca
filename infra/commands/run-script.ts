import { explainAwsError } from '../../shared/runtime/deployment/aws-error-remedies.ts';
import { UserError } from '../../shared/source/user-error.ts';
import { DeploymentError } from '../deployment/deployment-error.ts';

/** The message of an error that the operator can put right, with what to do; undefined for an error that is a bug. */
const operatorMessage = (error: unknown): string | undefined => {
  if (error instanceof DeploymentError || error instanceof UserError) return error.message;
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')) {
    return error.message;
  }
  const explained = explainAwsError(error);
  return explained && `${explained.problem}; ${explained.remedy}`;
};

/**
 * Runs a script to its end. The exit code is 1 if it returns false, or fails with an error the operator can put right, which is
 * shown without a stack trace.
 */
export const runScript = async (script: () => boolean | Promise<boolean>): Promise<void> => {
  try {
    if (!(await script())) process.exitCode = 1;
  } catch (error) {
    const message = operatorMessage(error);
    if (message === undefined) throw error;
    process.stderr.write(`${message}\n`);
    process.exitCode = 1;
  }
};
