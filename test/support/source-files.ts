import { globSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A source file of this project. */
export interface SourceFile {
  /** From the project's root, with `/` between folders. */
  readonly path: string;
  readonly absolutePath: string;
  readonly text: string;
}

const filesAt = (paths: readonly string[]): readonly SourceFile[] =>
  paths
    .map((path) => ({ path: path.replaceAll('\\', '/'), absolutePath: join(ROOT, path) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map((file) => ({ ...file, text: readFileSync(file.absolutePath, 'utf8') }));

/** Every TypeScript file under the given folders of the project, in the order of their paths. */
export const sourceFiles = (...folders: readonly string[]): readonly SourceFile[] =>
  filesAt(folders.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: ROOT })));

const TEXTS = ['', '.js', '.json', '.md', '.sh', '.ts', '.txt', '.yml'];

/** Every text under the given folders of the project, or the given file itself, in the order of their paths. */
export const textFiles = (...places: readonly string[]): readonly SourceFile[] =>
  filesAt(
    places.flatMap((place) => {
      if (statSync(join(ROOT, place)).isFile()) return [place];
      return globSync(`${place}/**/*`, { cwd: ROOT, withFileTypes: true })
        .filter((entry) => entry.isFile() && TEXTS.includes(extname(entry.name)))
        .map(({ parentPath, name }) => relative(ROOT, join(parentPath, name)));
    }),
  );
