/** Why something could not be written to `target`, a resource with its kind and physical name. The cause is what the service said. */
export class SinkError extends Error {
  override readonly name = 'SinkError';
  readonly target: string;
  /** `refused`: retrying does not help. `given-up`: it was retried until the deadline. */
  readonly kind: 'refused' | 'given-up';

  constructor(target: string, kind: 'refused' | 'given-up', cause: unknown) {
    super(
      kind === 'refused'
        ? `${target} refuses what it is given: ${textOfError(cause)}. Retrying does not help: check that it exists in this region and that the function may use it, or deploy again`
        : `${target} did not take all it was given before the deadline: ${textOfError(cause)}`,
      { cause },
    );
    this.target = target;
    this.kind = kind;
  }
}

/** For outputs that answer 'refused' and report the reason separately. */
export interface Reporting {
  /** Receives why something was not written: once a call for a target that was given up. */
  readonly report?: ((error: SinkError) => void) | undefined;
}

/** What `work` resolves to; what it throws becomes a {@link SinkError} that names the target. */
export const orRefused = async <Value>(target: string, work: Promise<Value>): Promise<Value> => {
  try {
    return await work;
  } catch (error) {
    throw error instanceof SinkError ? error : new SinkError(target, 'refused', error);
  }
};

/** An error that an answer reports for one entry of many, as the client would have thrown it. */
export const errorOfEntry = (code: string | undefined, message: string | undefined): Error => {
  const error = new Error(message ?? 'the answer gives no reason');
  error.name = code ?? 'UnknownError';
  return error;
};

/**
 * An error as a line of text.
 *
 * @example
 * ```ts
 * textOfError(new Error('no answer')); // 'no answer'
 * textOfError(new TypeError('no text')); // 'TypeError: no text'
 * textOfError('broken'); // 'broken'
 * ```
 */
export const textOfError = (error: unknown): string =>
  error instanceof Error ? (error.name === 'Error' ? error.message : `${error.name}: ${error.message}`) : String(error);

/**
 * Whether a service says that the request itself is wrong. Of a call with several entries it does not say which of them
 * is at fault.
 */
export const isBadRequest = (error: unknown): error is Error =>
  error instanceof Error && BAD_REQUEST_NAMES.has(error.name);

const BAD_REQUEST_NAMES: ReadonlySet<string> = new Set([
  'ValidationException',
  'ValidationError',
  'InvalidArgumentException',
  'InvalidParameter',
  'InvalidParameterException',
  'InvalidParameterValue',
  'InvalidParameterValueException',
  'ParameterValueInvalid',
  'BatchRequestTooLong',
  'BatchRequestTooLongException',
]);
