import { explainAwsError } from '../../shared/runtime/deployment/aws-error-remedies.ts';
import { CommandError } from '../command-error.ts';

/**
 * Runs calls to AWS and turns its errors into a `CommandError`: what was being done, why it failed, what to do. Any other error
 * passes unchanged.
 *
 * @param doing Completes "while ...": `reading the stack millrace-weather-dev`.
 */
export const withAwsErrors = async <Result>(doing: string, work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (cause) {
    throw awsErrorOf(doing, cause) ?? cause;
  }
};

/** An error of the SDK as a `CommandError`; undefined for any other error. */
export const awsErrorOf = (doing: string, cause: unknown): CommandError | undefined => {
  if (cause instanceof CommandError) return cause;
  const explained = explainAwsError(cause);
  if (explained !== undefined) {
    return new CommandError(`${explained.problem} while ${doing}; ${explained.remedy}`, { cause });
  }
  // Code that retries wraps the last error in one of its own.
  const inner: unknown = cause instanceof Error ? cause.cause : undefined;
  return inner === undefined ? undefined : awsErrorOf(doing, inner);
};
