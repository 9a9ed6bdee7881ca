import { createHash } from 'node:crypto';
import type { Table } from '../processor/table.ts';
import { readText } from '../source/read-text.ts';
import { FileContentError, UserError, type SourceText } from '../source/user-error.ts';
import { flagOf } from './options.ts';

/** A file that reference data is read from: `--stations ghcnd-stations.txt` is the file `stations`. */
export interface ReferenceFile {
  readonly help: string;
  /** Whether the data may do without it. */
  readonly optional: boolean;
}

/** Describes a file that must be given. */
export const file = (help: string): ReferenceFile & { readonly optional: false } => ({ help, optional: false });

/** Describes a file that may be given. */
export const optionalFile = (help: string): ReferenceFile & { readonly optional: true } => ({ help, optional: true });

/** Reference data: the rows of a table that is only read, and the files that they come from. */
export interface Reference<Row> {
  readonly table: Table<Row>;
  /** By the name of the option that names the file. */
  readonly files: Readonly<Record<string, ReferenceFile>>;
  /** The rows by key. Throws a {@link FileContentError} for content that is not what it should be. */
  load(texts: Readonly<Record<string, SourceText | undefined>>): ReadonlyMap<string, Row>;
}

/** References by name. */
export type References = Readonly<Record<string, Reference<unknown>>>;

/** The rows of references, by the name of the reference and the key of the row. */
export type RowsOf<Of extends References> = {
  readonly [Name in keyof Of]: Of[Name] extends Reference<infer Row> ? ReadonlyMap<string, Row> : never;
};

/** What the files of a reference hold; undefined for one that may be left out and was. */
export type TextsOf<Files extends Readonly<Record<string, ReferenceFile>>> = {
  readonly [Name in keyof Files]: Files[Name] extends { readonly optional: false }
    ? SourceText
    : SourceText | undefined;
};

/** What {@link reference} is given. A method, so that a loader which wants all its files passes where any loader will do. */
export interface ReferenceOptions<Row, Files extends Readonly<Record<string, ReferenceFile>>> {
  readonly table: Table<Row>;
  readonly files: Files;
  load(texts: TextsOf<Files>): ReadonlyMap<string, NoInfer<Row>>;
}

/** Describes reference data. */
export const reference = <Row, const Files extends Readonly<Record<string, ReferenceFile>>>(
  options: ReferenceOptions<Row, Files>,
): Reference<Row> => options;

/** Paths of files, by the name of their option. */
export type GivenFiles = Readonly<Record<string, string | undefined>>;

/** Reference data that was read. */
export interface LoadedReferences {
  /** By name of the reference. */
  readonly rows: Readonly<Record<string, ReadonlyMap<string, unknown>>>;
  /** What tells the files of two runs apart, by flag. */
  readonly fingerprint: Readonly<Record<string, string>>;
}

/** The flags of files that must be given and are not. */
export const missingFiles = (references: References, given: GivenFiles): readonly string[] =>
  Object.values(references).flatMap(({ files }) =>
    Object.entries(files)
      .filter(([name, { optional }]) => !optional && given[name] === undefined)
      .map(([name]) => flagOf(name)),
  );

/** Reads the files of references. Rejects with a {@link UserError} for the first that is missing or unusable. */
export const loadReferences = async (references: References, given: GivenFiles): Promise<LoadedReferences> => {
  const [missing] = missingFiles(references, given);
  if (missing !== undefined) throw new UserError(`missing ${missing}, a file of reference data; name it`);
  const rows: Record<string, ReadonlyMap<string, unknown>> = {};
  const fingerprint: Record<string, string> = {};
  for (const [name, one] of Object.entries(references)) {
    const texts: Record<string, SourceText | undefined> = {};
    for (const option of Object.keys(one.files)) {
      const path = given[option];
      texts[option] = path === undefined ? undefined : { file: path, text: await readText(path) };
      fingerprint[flagOf(option)] = digestOf(texts[option]);
    }
    rejectTwins(texts);
    rows[name] = one.load(texts);
  }
  return { rows, fingerprint };
};

/** Lists often look alike, so one given as the other would pass and give wrong names. */
const rejectTwins = (texts: Readonly<Record<string, SourceText | undefined>>): void => {
  const seen = new Map<string, string>();
  for (const [option, source] of Object.entries(texts)) {
    if (source === undefined) continue;
    const twin = seen.get(source.text);
    if (twin !== undefined) {
      const same = `${flagOf(option)} is the same file as ${flagOf(twin)}; give each option its own file`;
      throw new FileContentError(source.file, undefined, same);
    }
    seen.set(source.text, option);
  }
};

const HASH_DIGITS = 16;

const digestOf = (source: SourceText | undefined): string =>
  source === undefined
    ? 'none'
    : `content ${createHash('sha256').update(source.text).digest('hex').slice(0, HASH_DIGITS)}`;
