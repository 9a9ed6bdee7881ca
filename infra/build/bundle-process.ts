/*
 * Bundles one file for a construct, which cannot wait for it: `bundle-process FILE OUT-FOLDER`, in the folder of the CDK app.
 */
import { resolve } from 'node:path';
import { bundle } from './bundle.ts';

const [, , file = '', outFolder = ''] = process.argv;
try {
  await bundle(file, resolve(outFolder), process.cwd());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
