import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join, resolve } from 'node:path';
import { Stack, Stage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { DeploymentError } from '../deployment/deployment-error.ts';

/** Where the handler of a processor is, relative to the working directory; a text is the one file of all. */
export type Entry = string | ((processorId: string) => string);

/** For a stack that is only listed or destroyed: the CDK then asks for no bundles. */
const NO_CODE = Code.fromInline('exports.handler = undefined;');

/**
 * Bundles the file of each processor when its code is asked for, each file once. A construct cannot wait, so another process does it.
 *
 * Throws a {@link DeploymentError} for a file that does not exist or cannot be bundled, and where esbuild is not installed.
 */
export const entryCode = (scope: Construct, entry: Entry): ((processorId: string) => Code) => {
  const isRequired = Stack.of(scope).bundlingRequired;
  const folder = join(Stage.of(scope)?.outdir ?? 'cdk.out', 'bundles');
  const codes = new Map<string, Code>();
  return (processorId) => {
    if (!isRequired) return NO_CODE;
    const file = typeof entry === 'string' ? entry : entry(processorId);
    const code = codes.get(file) ?? Code.fromAsset(bundled(file, join(folder, file.replaceAll(/[\\/:]+/gu, '~'))));
    codes.set(file, code);
    return code;
  };
};

const bundled = (file: string, outFolder: string): string => {
  if (!existsSync(resolve(file))) {
    throw new DeploymentError(
      `there is no file ${file} in ${process.cwd()}: write \`export const handler = lambda(topology)\` into it, or name another as entry`,
    );
  }
  if (!isInstalled('esbuild')) {
    throw new DeploymentError(
      'functions are bundled with esbuild, which is not installed: npm install --save-dev esbuild',
    );
  }
  // Beside this file, and built as it is.
  const script = join(import.meta.dirname, `bundle-process${extname(import.meta.filename)}`);
  const { status, stderr, error } = spawnSync(process.execPath, [script, file, outFolder], { encoding: 'utf8' });
  if (status === 0) return outFolder;
  throw new DeploymentError(`${file} cannot be bundled: ${error?.message ?? stderr.trim()}`);
};

const isInstalled = (name: string): boolean => {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
};
