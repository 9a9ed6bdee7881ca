/*
 * Proves that the packages work where they are installed: packs both, installs them into empty folders as a user would, and runs
 * what the new project's README promises. Prints each step and how long it took; the last line is `N passed, N failed`, which also
 * goes to the file that JEST_TOTALS names. Needs npm and a registry.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const work = mkdtempSync(join(tmpdir(), 'millrace-package-'));
const outcomes: boolean[] = [];

/** A command's end. */
interface Ended {
  readonly status: number | null;
  readonly out: string;
}

/** npm reads settings of the npm that runs this script from the environment: a user's shell has none. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_(config_local_prefix|package|lifecycle|command|execpath)|INIT_CWD|NODE_OPTIONS)/u.test(name),
  ),
);

const run = (folder: string, command: string, ...args: readonly string[]): Ended => {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    env: { ...env, MILLRACE_WORK: work },
    encoding: 'utf8',
    timeout: 600_000,
  });
  return { status, out: `${stdout}${stderr}` };
};

/** Fails with all that was printed unless the exit code is as expected and the text contains everything given. */
const expectThat = ({ status, out }: Ended, code: number, ...texts: readonly string[]): string => {
  const missing = texts.filter((text) => !out.includes(text));
  if (status === code && missing.length === 0) return out;
  const lacks =
    missing.length === 0 ? '' : `, and does not contain ${missing.map((it) => JSON.stringify(it)).join(', ')}`;
  throw new Error(`exit code ${String(status)}, expected ${String(code)}${lacks}:\n${out}`);
};

const step = (name: string, check: () => void): void => {
  const startMs = performance.now();
  let failure = '';
  try {
    check();
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  outcomes.push(failure === '');
  process.stdout.write(
    `${failure === '' ? 'ok  ' : 'FAIL'} ${seconds.padStart(6)} s  ${name}\n${failure === '' ? '' : `${failure}\n`}`,
  );
};

/** An empty project that may import. */
const project = (name: string): string => {
  const folder = join(work, name);
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name, private: true, type: 'module', allowScripts: { node: true } }),
  );
  return folder;
};

const tarball = (name: string): string => {
  const [found] = globSync(`${name}-[0-9]*.tgz`, { cwd: work });
  if (found === undefined) throw new Error(`there is no tarball of ${name}`);
  return join(work, found);
};

const npm = (folder: string, ...args: readonly string[]): Ended => run(folder, 'npm', ...args);
const node = (folder: string, ...args: readonly string[]): Ended => run(folder, process.execPath, ...args);
const QUIET = ['--no-audit', '--no-fund'];

step('npm pack of both packages', () => {
  expectThat(npm(ROOT, 'pack', '--pack-destination', work), 0);
  expectThat(npm(join(ROOT, 'create-millrace'), 'pack', '--pack-destination', work), 0);
});

step('publint and attw find nothing', () => {
  const bin = join(ROOT, 'node_modules/.bin');
  expectThat(run(ROOT, join(bin, 'publint'), 'run', tarball('millrace'), '--strict'), 0);
  expectThat(run(ROOT, join(bin, 'publint'), 'run', tarball('create-millrace'), '--strict'), 0);
  expectThat(run(ROOT, join(bin, 'attw'), tarball('millrace'), '--profile', 'esm-only'), 0);
});

const plain = project('plain');

step('a project that only writes processors installs no CDK', () => {
  expectThat(npm(plain, 'install', tarball('millrace'), ...QUIET), 0);
  const modules = readdirSync(join(plain, 'node_modules'));
  const unwanted = ['aws-cdk-lib', 'constructs', 'esbuild'].filter((name) => modules.includes(name));
  if (unwanted.length > 0) throw new Error(`installed ${unwanted.join(', ')}`);
});

step('the entry points load', () => {
  const code = `
    import { stream, processor, topology, text } from 'millrace';
    import { lambda } from 'millrace/lambda';
    import { testDriver } from 'millrace/testing';
    const words = stream('words', { codec: text(), partitionKey: (word) => word });
    const count = processor({ id: 'count', from: words, to: {}, key: (word) => word, initial: () => 0, step: ({ state }) => ({ state: state + 1 }) });
    const driver = testDriver(topology('words', [count]));
    await driver.stream(words).pipe('a', 'b', 'a');
    console.log(typeof lambda, await driver.state(count, 'a'));
  `;
  expectThat(node(plain, '--input-type=module', '--eval', code), 0, 'function 2');
});

step('millrace/cdk without the CDK is one line that says what to install', () => {
  const { status, out } = node(plain, '--input-type=module', '--eval', "import 'millrace/cdk'");
  expectThat(
    { status, out },
    1,
    'millrace/cdk needs aws-cdk-lib, which is not installed: npm install aws-cdk-lib constructs',
  );
  if (/^\s+at /mu.test(out)) throw new Error(`has a stack trace:\n${out}`);
});

step('the command runs', () => {
  const bin = join(plain, 'node_modules/.bin/millrace');
  expectThat(node(plain, bin, '--version'), 0, '0.');
  expectThat(node(plain, bin, '--help'), 0, 'Usage: millrace');
});

const app = join(work, 'my-app');
const create = (...args: readonly string[]): Ended =>
  npm(work, 'exec', '--yes', `--package=${tarball('create-millrace')}`, '--', 'create-millrace', ...args);

step('npm create millrace writes a project and installs it', () => {
  expectThat(create('my-app', '--millrace', tarball('millrace')), 0, 'npm start');
});

step('it refuses a folder that is not empty, and a name that is none', () => {
  expectThat(create('my-app'), 2, 'is not empty: name a new folder');
  expectThat(create('My App'), 2, "'My App' cannot name the package");
  expectThat(create(), 2, 'name one folder; usage: npm create millrace');
});

step('npm ci && npm test, npm ci && npm start', () => {
  expectThat(npm(app, 'ci', ...QUIET), 0);
  expectThat(npm(app, 'test'), 0, 'pass 3', 'fail 0');
  expectThat(npm(app, 'start'), 0, 'shop/hourly', 'The books balance');
});

step('its types are right, and those of the package too', () => {
  expectThat(npm(app, 'run', 'typecheck'), 0);
  // Other packages may have holes of their own.
  const { out } = npm(app, 'exec', '--', 'tsc', '--skipLibCheck', 'false');
  if (out.includes('node_modules/millrace/')) throw new Error(out);
});

step('cdk synth makes its stack, with a bundle that loads', () => {
  expectThat(npm(app, 'run', 'synth'), 0);
  const out = join(app, 'cdk.out');
  if (!existsSync(join(out, 'my-app.template.json'))) throw new Error(`no template in ${readdirSync(out).join(', ')}`);
  const [bundle] = globSync('asset.*/index.js', { cwd: out });
  if (bundle === undefined) throw new Error('no bundle');
  // Its environment is not that of a function, and it says so: all of the code before that has run.
  expectThat(node(out, bundle), 1, 'MILLRACE_PROCESSOR is not set');
});

step('a handler file that is missing, or is not right, is one line', () => {
  cpSync(join(app, 'src/handler.ts'), join(app, 'src/kept.ts'));
  writeFileSync(join(app, 'src/handler.ts'), "import './no-such-file.ts';\n");
  expectThat(npm(app, 'run', 'synth'), 1, 'src/handler.ts cannot be bundled', 'Could not resolve "./no-such-file.ts"');
  rmSync(join(app, 'src/handler.ts'));
  expectThat(npm(app, 'run', 'synth'), 1, 'there is no file src/handler.ts');
});

const failed = outcomes.filter((passed) => !passed).length;
if (failed === 0) rmSync(work, { recursive: true, force: true });
else process.stdout.write(`what was made is in ${work}\n`);
const totals = `${String(outcomes.length - failed)} passed, ${String(failed)} failed\n`;
const { JEST_TOTALS: file } = process.env;
if (file !== undefined) writeFileSync(file, totals);
process.stdout.write(totals);
process.exitCode = failed === 0 ? 0 : 1;
