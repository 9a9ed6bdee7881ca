import { build, type Metafile } from 'esbuild';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { withoutDeveloperCredentials } from './bundle-credentials.ts';
import { ownSourceMap } from './own-source-map.ts';

/** A function's code, ready to be deployed. */
export interface Bundle {
  /** Bytes of `index.js`, minified. */
  readonly sizeBytes: number;
  /** What is in it; paths from the project's root. */
  readonly metafile: Metafile;
}

const ROOT = resolve(import.meta.dirname, '..');

/** Beside the code: it is CommonJS, whatever the folder that it is unpacked in says. */
const PACKAGE = '{"type":"commonjs"}\n';

/**
 * Bundles a handler with everything it needs into `index.js`, its source map and a `package.json`; the folder is made.
 *
 * The same sources give the same bytes, wherever the folder is, so a deployment sends only what has changed. Throws what
 * esbuild says about sources that it cannot bundle.
 */
export const bundle = async (entryFile: string, outFolder: string): Promise<Bundle> => {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [resolve(ROOT, entryFile)],
    // A place that is the same for all folders: the source map names its sources from here.
    outfile: join(ROOT, 'bundle', 'index.js'),
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // The SDK's ES modules can be shaken; its CommonJS ones cannot, which makes half as much again.
    mainFields: ['module', 'main'],
    minify: true,
    // An uncaught error prints the line it is in.
    lineLimit: 500,
    treeShaking: true,
    sourcemap: 'linked',
    // Stack traces need places, not texts.
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [withoutDeveloperCredentials],
  });
  await mkdir(outFolder, { recursive: true });
  await writeFile(join(outFolder, 'package.json'), PACKAGE);
  for (const { path, contents, text } of outputFiles) {
    await writeFile(join(outFolder, basename(path)), path.endsWith('.map') ? ownSourceMap(text) : contents);
  }
  const code = outputFiles.find(({ path }) => path.endsWith('.js'));
  return { sizeBytes: code?.contents.length ?? 0, metafile };
};
