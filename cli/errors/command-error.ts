import { UserError } from '../../shared/source/user-error.ts';
import { toPlainText } from '../text/plain-text.ts';

/** Exit code of a command that could not do what it was asked to. */
export const FAILURE_EXIT_CODE = 2;

/** The user asked for something that cannot be done; the message is one line with what, the value, what is allowed, and the remedy. */
export class CommandError extends UserError {
  override readonly name: string = 'CommandError';
}

/**
 * An error as one line for the user.
 *
 * An unexpected error says so, and how to see its stack; with `debug` the stack follows on further lines.
 *
 * @example
 * ```ts
 * failureLine(new RangeError('no such\nthing'), false); // 'millrace: this should not have happened: RangeError: no such thing; run again with MILLRACE_DEBUG=1 to see where'
 * ```
 */
export const failureLine = (error: unknown, debug: boolean): string => {
  const stack = debug && error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : '';
  if (error instanceof UserError) return `millrace: ${toPlainText(error.message).trim()}${stack}`;
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const hint = debug ? '' : '; run again with MILLRACE_DEBUG=1 to see where';
  return `millrace: this should not have happened: ${toPlainText(what).trim()}${hint}${stack}`;
};
