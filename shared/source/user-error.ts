import { fieldOf } from '../runtime/field-of.ts';

/**
 * Something that only the user can put right. The message is one line: what happened, with which value, what is allowed and what
 * to do; it is shown without a stack.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** An input file that cannot be used at all; the message is one line that names the file and says what to do. */
export class InputError extends UserError {
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
      return new InputError(path, 'it is a folder', 'name a file in it', { cause });
    default: {
      const problem = String(fieldOf(cause, 'message') ?? cause).replaceAll(/\s+/g, ' ');
      return new InputError(path, problem, 'check the path and the disk', { cause });
    }
  }
};

/** A file's text, with its name for errors. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** A file that can be read but has the wrong content: the user must fix it or name another one. */
export class FileContentError extends UserError {
  override readonly name = 'FileContentError';
  readonly file: string;
  /** Counted from 1; absent if the fault concerns the whole file. */
  readonly line: number | undefined;

  constructor(file: string, line: number | undefined, problem: string) {
    super(line === undefined ? `${file}: ${problem}` : `${file}, line ${String(line)}: ${problem}`);
    this.file = file;
    this.line = line;
  }
}
