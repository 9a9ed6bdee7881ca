import { FileContentError } from '../../functions/weather/model/source-text.ts';
import { InputError } from './input-error.ts';
import { OutputError } from './output-error.ts';

/** The user asked for something that cannot be done; the message is one line with what, the value, what is allowed, and the remedy. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** What the command line exits with: the user has to change something before it makes sense to go on. */
  readonly exitCode = 2;
}

/** What the command line exits with when it could not do what it was asked to. */
export const FAILURE_EXIT_CODE = 2;

/**
 * What to tell the user about an error, as one line.
 *
 * An error nobody expected says so and how to see its stack; with `debug` the stack follows on further lines.
 *
 * @example
 * ```ts
 * failureLine(new RangeError('no such\nthing'), false); // 'millrace: this should not have happened: RangeError: no such thing; run again with MILLRACE_DEBUG=1 to see where'
 * ```
 */
export const failureLine = (error: unknown, debug: boolean): string => {
  const stack = debug && error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : '';
  if (isExpected(error)) return `millrace: ${oneLine(error.message)}${stack}`;
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const hint = debug ? '' : '; run again with MILLRACE_DEBUG=1 to see where';
  return `millrace: this should not have happened: ${oneLine(what)}${hint}${stack}`;
};

const isExpected = (error: unknown): error is Error =>
  error instanceof CommandError ||
  error instanceof InputError ||
  error instanceof OutputError ||
  error instanceof FileContentError;

/** File names may hold line ends and terminal codes. */
const oneLine = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
