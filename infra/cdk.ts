/*
 * What `import 'millrace/cdk'` loads: the names of index.ts, or one line that says which package is missing. A module that
 * imports what is not installed cannot say so itself, because it is never run.
 */
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import type * as Constructs from './index.ts';

const load = createRequire(import.meta.url);

for (const name of ['aws-cdk-lib', 'constructs']) {
  try {
    load.resolve(name);
  } catch {
    // A stack trace would lead into this package, where there is nothing to mend.
    Error.stackTraceLimit = 0;
    throw new Error(`millrace/cdk needs ${name}, which is not installed: npm install aws-cdk-lib constructs`);
  }
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- what is required has no type of its own
const constructs: typeof Constructs = load(`./index${extname(import.meta.filename)}`);

export const { DeploymentError, MillraceTopology } = constructs;
