import { fieldOf } from '../../shared/runtime/field-of.ts';
import { CommandError } from './command-error.ts';

/** An input file that cannot be used at all; the message is one line that names the file and says what to do. */
export class InputError extends CommandError {
  override readonly name = 'InputError';
  readonly path: string;

  constructor(path: string, problem: string, remedy: string, options?: ErrorOptions) {
    // As JSON, because a file name may hold line ends and terminal codes.
    super(`cannot read ${JSON.stringify(path)}: ${problem}; ${remedy}`, options);
    this.path = path;
  }
}

/** What the operating system said about a file, as an {@link InputError}. */
export const inputErrorOf = (path: string, cause: unknown): InputError => {
  // Not asked with `instanceof`: errors of the system may come from another realm.
  switch (fieldOf(cause, 'code')) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new InputError(path, 'no such file', 'check the path', { cause });
    case 'EACCES':
    case 'EPERM':
      return new InputError(path, 'permission denied', 'make it readable for this user (chmod +r)', { cause });
    case 'EISDIR':
      return new InputError(path, 'it is a folder', 'name the files in it', { cause });
    default: {
      const problem = String(fieldOf(cause, 'message') ?? cause).replaceAll(/\s+/g, ' ');
      return new InputError(path, problem, 'check the path and the disk', { cause });
    }
  }
};
