/** Why something could not be written to `target`, a resource with its kind and physical name. The cause is what the service said. */
export class SinkError extends Error {
  override readonly name = 'SinkError';
  readonly target: string;
  /** `refused`: to try it again does not help. `given-up`: it was tried until the deadline. */
  readonly kind: 'refused' | 'given-up';

  constructor(target: string, kind: 'refused' | 'given-up', cause: unknown) {
    super(
      kind === 'refused'
        ? `${target} refuses what it is given: ${textOfError(cause)}. Trying again does not help: check that it exists in this region and that the function may use it, or deploy again`
        : `${target} did not take all it was given until the deadline: ${textOfError(cause)}`,
      { cause },
    );
    this.target = target;
    this.kind = kind;
  }
}

/** For outputs that answer `false` and say elsewhere why. */
export interface Reporting {
  /** Told why something was not written: once a call for a target that was given up, and for each message that is refused. */
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

/** An error as an answer tells it in place of throwing it: for one entry of many. */
export const errorOfEntry = (code: string | undefined, message: string | undefined): Error => {
  const error = new Error(message ?? 'the answer gives no reason');
  error.name = code ?? 'UnknownError';
  return error;
};

const textOfError = (error: unknown): string =>
  error instanceof Error ? (error.name === 'Error' ? error.message : `${error.name}: ${error.message}`) : String(error);
