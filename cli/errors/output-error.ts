import { fieldOf } from '../../shared/runtime/field-of.ts';
import { CommandError } from './command-error.ts';

/** A place that cannot be written to; the message is one line that names it and says what to do. */
export class OutputError extends CommandError {
  override readonly name = 'OutputError';
  readonly path: string;

  constructor(path: string, problem: string, remedy: string, options?: ErrorOptions) {
    // As JSON, because a file name may hold line ends and terminal codes.
    super(`cannot write ${JSON.stringify(path)}: ${problem}; ${remedy}`, options);
    this.path = path;
  }
}

/**
 * Runs `work`, which writes below `path`, and turns what the system or SQLite says against that into an {@link OutputError}.
 *
 * `option` is how the user named the place, for the remedy. Any other error passes as it is.
 */
export const withOutputErrors = async <Result>(
  path: string,
  option: string,
  work: () => Result | Promise<Result>,
): Promise<Result> => {
  try {
    return await work();
  } catch (cause) {
    throw outputErrorOf(path, option, cause) ?? cause;
  }
};

/**
 * Does the same for work on a database whose values are JSON that an earlier run wrote: text there that is no JSON is damage
 * to the file, which SQLite cannot see.
 */
export const withDatabaseErrors = <Result>(
  path: string,
  option: string,
  work: () => Result | Promise<Result>,
): Promise<Result> =>
  withOutputErrors(path, option, async () => {
    try {
      return await work();
    } catch (cause) {
      // By name: a test may run in a realm of its own.
      if (fieldOf(cause, 'name') !== 'SyntaxError') throw cause;
      const { problem, remedy } = damaged(option);
      throw new OutputError(path, problem, remedy, { cause });
    }
  });

// Not asked with `instanceof`: errors of the system may come from another realm.
const outputErrorOf = (folder: string, option: string, cause: unknown): OutputError | undefined => {
  const code = fieldOf(cause, 'code');
  const fault =
    code === 'ERR_SQLITE_ERROR' ? databaseFault(fieldOf(cause, 'errcode'), option) : fileFault(code, option);
  if (fault === undefined) return undefined;
  return new OutputError(folder, fault.problem, fault.remedy, { cause });
};

interface Fault {
  readonly problem: string;
  readonly remedy: string;
}

const fileFault = (code: unknown, option: string): Fault | undefined => {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return full(option);
    case 'EROFS':
      return { problem: 'its file system is read-only', remedy: `name another ${option}` };
    case 'EACCES':
    case 'EPERM':
      return { problem: 'permission denied', remedy: `make it writable for this user or name another ${option}` };
    case 'ENOTDIR':
    case 'EEXIST':
      return { problem: 'a file is in the way of a folder', remedy: `name another ${option}` };
    case 'ENOENT':
      return { problem: 'no file can be made in the folder above it', remedy: `name another ${option}` };
    case 'EIO':
    case 'ENXIO':
    case 'EMFILE':
    case 'ENFILE':
    case 'ENAMETOOLONG':
    case 'EBUSY':
    case 'ENOTEMPTY':
      return { problem: `the system says ${code}`, remedy: `check the disk or name another ${option}` };
    default:
      return undefined;
  }
};

/** By the result codes of SQLite; the low byte is the primary one. */
const databaseFault = (errcode: unknown, option: string): Fault | undefined => {
  switch (typeof errcode === 'number' ? errcode & 0xff : undefined) {
    case 5:
    case 6:
      return { problem: 'another run is using it', remedy: `wait until that is over or name another ${option}` };
    case 8:
    case 14:
      return {
        problem: 'it cannot be opened for writing',
        remedy: `make it writable for this user, if its file system is not read-only, or name another ${option}`,
      };
    case 10:
      return { problem: 'the disk failed', remedy: `check the disk or name another ${option}` };
    case 11:
    case 26:
      return damaged(option);
    case 13:
      return full(option);
    default:
      return undefined;
  }
};

const damaged = (option: string): Fault => ({
  problem: 'its database is damaged or of another program',
  remedy: `name another ${option} and run from the start`,
});

const full = (option: string): Fault => ({
  problem: 'the disk is full',
  remedy: `free some space or name another ${option}, then run the same command again`,
});
