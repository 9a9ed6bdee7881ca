/** The user asked for something that cannot be done; the message is one line with what, the value, what is allowed, and the remedy. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** What the command line exits with: the user has to change something before it makes sense to go on. */
  readonly exitCode = 2;
}
