import type { Notes } from '../../shared/runtime/local/notes.ts';
import { CommandError } from '../errors/command-error.ts';

/** What the contents of a data folder follow from: the value of each argument, by its name. */
export type Fingerprint = Readonly<Record<string, string>>;

const NOTE = 'run arguments';

/** Notes what a data folder is begun with, or makes sure that it goes on with the same. */
export const beginOrGoOn = (notes: Notes, folder: string, given: Fingerprint, remedy: string): void => {
  const begunWith = notes.get(NOTE);
  if (begunWith === undefined) notes.set(NOTE, given);
  else checkFingerprint(folder, begunWith, given, remedy);
};

/**
 * Makes sure that a data folder goes on with what it was begun with. Throws a `CommandError` that says what differs.
 *
 * `noted` is what was found in the folder, `remedy` what to do apart from giving the same arguments.
 */
const checkFingerprint = (folder: string, noted: unknown, given: Fingerprint, remedy: string): void => {
  const begun = new Map(
    Object.entries(typeof noted === 'object' && noted !== null ? noted : {}).map(([name, value]) => [
      name,
      String(value),
    ]),
  );
  const names = new Set([...begun.keys(), ...Object.keys(given)]);
  const differences = [...names]
    .filter((name) => begun.get(name) !== given[name])
    .map((name) => `${name} was ${begun.get(name) ?? 'not given'} and is now ${given[name] ?? 'not given'}`);
  if (differences.length === 0) return;
  throw new CommandError(
    `--data ${JSON.stringify(folder)} holds a run with other arguments: ${differences.join('; ')}; give the same ones, or ${remedy}`,
  );
};
