import { openInput } from './open-input.ts';

/** An input file that can be opened. */
export interface CheckedInput {
  readonly path: string;
  /** Bytes on disk, packed or not. */
  readonly sizeBytes: number;
}

/**
 * Makes sure, before anything is produced, that each file can be opened and is plain text or gzip by its first bytes.
 *
 * Rejects with the {@link InputError} of the first one that is not.
 */
export const checkInputs = async (paths: readonly string[]): Promise<readonly CheckedInput[]> => {
  const checked: CheckedInput[] = [];
  for (const path of paths) {
    await using input = await openInput(path);
    checked.push({ path, sizeBytes: input.sizeBytes });
  }
  return checked;
};
