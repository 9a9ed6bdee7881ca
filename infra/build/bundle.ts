import { build, type Metafile } from 'esbuild';
import { globSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { ownSourceMap } from './own-source-map.ts';
import { withoutUnusedSdk } from './unused-sdk.ts';

/** A function's code, ready to be deployed. */
export interface Bundle {
  /** Bytes of `index.js`, minified. */
  readonly sizeBytes: number;
  /** Its contents; paths are relative to the project's root. */
  readonly metafile: Metafile;
}

const ROOT = resolve(import.meta.dirname, '../..');

/** Marks the code as CommonJS, whatever the folder it is unpacked into says. */
const PACKAGE = '{"type":"commonjs"}\n';

/** The entry files of all functions of a project, relative to its root, sorted. */
export const handlerFiles = (root = ROOT): readonly string[] =>
  globSync('functions/*/handlers/*.ts', { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .sort();

/**
 * Bundles a handler with everything it needs into `index.js`, a source map and a `package.json`. Creates the folder.
 *
 * The same sources give the same bytes wherever the folder is, so a deployment uploads only what has changed. Rejects with
 * esbuild's error for sources it cannot bundle.
 *
 * @param root The project's folder, which the entry file is relative to; that of Millrace if none is given.
 */
export const bundle = async (entryFile: string, outFolder: string, root: string = ROOT): Promise<Bundle> => {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [resolve(root, entryFile)],
    // Independent of the output folder: the source map names its sources relative to this place.
    outfile: join(root, 'bundle', 'index.js'),
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // The SDK's ES modules can be tree-shaken. Its CommonJS modules cannot, which would add half as much again.
    mainFields: ['module', 'main'],
    minify: true,
    // An uncaught error prints its whole source line.
    lineLimit: 500,
    treeShaking: true,
    sourcemap: 'linked',
    // Stack traces need positions, not source text.
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [withoutUnusedSdk],
  });
  await mkdir(outFolder, { recursive: true });
  await writeFile(join(outFolder, 'package.json'), PACKAGE);
  for (const { path, contents, text } of outputFiles) {
    await writeFile(join(outFolder, basename(path)), path.endsWith('.map') ? ownSourceMap(text) : contents);
  }
  const code = outputFiles.find(({ path }) => path.endsWith('.js'));
  return { sizeBytes: code?.contents.length ?? 0, metafile };
};
