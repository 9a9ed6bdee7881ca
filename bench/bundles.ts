/*
 * The cost of a cold start of each function: the size of its bundle and its largest parts, the time of Lambda's init on this
 * machine (load the bundle, check the environment, make the handler), and the first invocation without a network (make
 * engine and clients, and answer a batch without records).
 *
 * Exit code 1 if a bundle reaches 600 KB or its init 150 ms. On a busy machine the clock measures other programs too, so an
 * init is too long only if its processor time is.
 *
 *   npm run bench -- bundles
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { textTable } from '../cli/report/terminal.ts';
import { weather } from '../functions/weather/topology.ts';
import { weblog } from '../functions/weblog/topology.ts';
import { wordcount } from '../functions/wordcount/topology.ts';
import { BUNDLE_LIMIT_BYTES } from '../infra/build/bundle-size.ts';
import { bundleContents, type BundlePart } from '../infra/build/bundle-size.ts';
import { bundle } from '../infra/build/bundle.ts';
import { handlerFiles } from '../infra/build/bundle.ts';
import { variablesFor } from '../test/runtime/lambda/invocation.ts';
import { median } from './support/compare.ts';

const MAX_INIT_MS = 150;
const RUNS = 15;
const PARTS = 8;

/** Variables of every function; a processor has more. */
const COMMON = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  MILLRACE_TABLES: '{"weather-daily":"a","weather-alert-log":"b"}',
  MILLRACE_REFERENCES: '{"weather-stations":"c","weather-rules":"d"}',
  MILLRACE_CURSOR_SECRET: 'secret',
};

/** Prints the processor time used so far, in milliseconds. */
const PRINT_USED =
  ';{ const { user, system } = process.cpuUsage(); process.stderr.write(String((user + system) / 1000)); }';

const FIRST_INVOCATION = `
  const started = performance.now();
  handler({ Records: [] }, { getRemainingTimeInMillis: () => 60_000 }).then(() => {
    process.stderr.write(String(performance.now() - started));
  });
`;

interface Measured {
  readonly file: string;
  readonly sizeBytes: number;
  readonly gzipBytes: number;
  readonly parts: readonly BundlePart[];
  readonly initMs: number;
  readonly initCpuMs: number;
  /** Undefined for functions that take no batches. */
  readonly firstMs: number | undefined;
}

const PROCESSORS = [weather(), weblog(), wordcount].flatMap(({ processors }) => processors);

const variablesOf = (file: string): Record<string, string> => {
  const id = file.replace('functions/', '').replace('/handlers/', '/').replace('.ts', '');
  const processor = PROCESSORS.find((one) => one.id === id);
  return { ...COMMON, ...(processor !== undefined && variablesFor(processor)) };
};

/** Runs a script in a new process as Lambda does; the time it took in all, and the number it printed. */
const run = (script: string, env: Record<string, string>): { readonly tookMs: number; readonly printed: number } => {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--enable-source-maps', '-e', script], {
    env,
    encoding: 'utf8',
  });
  const tookMs = performance.now() - started;
  if (status !== 0) throw new Error(`the bundle does not start: ${stderr.slice(-2000)}`);
  return { tookMs, printed: Number(stderr) };
};

const measure = async (file: string, folder: string): Promise<Measured> => {
  const out = join(folder, basename(file, '.ts'));
  const { sizeBytes, metafile } = await bundle(file, out);
  const code = join(out, 'index.js');
  const load = `const { handler } = require(${JSON.stringify(code)});`;
  const env = variablesOf(file);
  const isProcessor = 'MILLRACE_PROCESSOR' in env;
  const inits: number[] = [];
  const cpus: number[] = [];
  const firsts: number[] = [];
  for (let left = RUNS; left > 0; left--) {
    // Alternately, so that whatever else the machine does slows both.
    const empty = run(PRINT_USED, env);
    const loaded = run(`${load}${PRINT_USED}`, env);
    inits.push(loaded.tookMs - empty.tookMs);
    cpus.push(loaded.printed - empty.printed);
    if (isProcessor) firsts.push(run(`${load}${FIRST_INVOCATION}`, env).printed);
  }
  return {
    file,
    sizeBytes,
    gzipBytes: gzipSync(readFileSync(code)).length,
    parts: bundleContents(metafile).slice(0, PARTS),
    initMs: median(inits),
    initCpuMs: median(cpus),
    firstMs: isProcessor ? median(firsts) : undefined,
  };
};

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} KB`;
const milliseconds = (ms: number | undefined): string => (ms === undefined ? '' : `${ms.toFixed(0)} ms`);

const folder = mkdtempSync(join(tmpdir(), 'millrace-bundles-'));
const all: Measured[] = [];
try {
  for (const file of handlerFiles()) all.push(await measure(file, folder));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const sizes = [
  ['function', 'minified', 'gzip', 'init', 'its processor time', 'first invocation'],
  ...all.map(({ file, sizeBytes, gzipBytes, initMs, initCpuMs, firstMs }) => [
    file,
    kilobytes(sizeBytes),
    kilobytes(gzipBytes),
    milliseconds(initMs),
    milliseconds(initCpuMs),
    milliseconds(firstMs),
  ]),
];
console.log(`${textTable(sizes, '  ').join('\n')}\n`);

const names = [...new Set(all.flatMap(({ parts }) => parts.map(({ name }) => name)))];
const inside = [
  [`largest ${PARTS} in it, KB`, ...all.map(({ file }) => basename(file, '.ts'))],
  ...names.map((name) => [
    name,
    ...all.map(({ parts }) => {
      const part = parts.find((one) => one.name === name);
      return part === undefined ? '' : (part.bytes / 1000).toFixed(1);
    }),
  ]),
];
console.log(textTable(inside, '  ').join('\n'));

for (const { file, sizeBytes, initMs, initCpuMs } of all) {
  if (sizeBytes >= BUNDLE_LIMIT_BYTES) {
    console.error(`${file} has ${kilobytes(sizeBytes)}, the limit is ${kilobytes(BUNDLE_LIMIT_BYTES)}`);
    process.exitCode = 1;
  }
  if (Math.min(initMs, initCpuMs) >= MAX_INIT_MS) {
    console.error(`${file} takes ${milliseconds(initMs)} to start, the limit is ${milliseconds(MAX_INIT_MS)}`);
    process.exitCode = 1;
  }
}
