#!/usr/bin/env node
// Plain JavaScript: Node strips no types in `node_modules`, and the Node that creates may be an old one.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = 'usage: npm create millrace FOLDER [-- --no-install] [--millrace VERSION|TARBALL|GIT-URL]';
const TEMPLATE = fileURLToPath(new URL('template', import.meta.url));
const PACKAGE_NAME = /^[a-z][a-z0-9-]{0,99}$/u;

/**
 * Ends with one line on standard error: what is wrong, and what to do.
 *
 * @param {string} message
 * @returns {never}
 */
const fail = (message) => {
  process.stderr.write(`create-millrace: ${message}\n`);
  process.exit(2);
};

/** @returns {{ folder: string, installs: boolean, millrace: string | undefined }} */
const readArguments = () => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { 'no-install': { type: 'boolean' }, millrace: { type: 'string' }, help: { type: 'boolean' } },
    });
    const [folder, ...more] = positionals;
    if (values.help === true) {
      process.stdout.write(`${USAGE}\n`);
      process.exit(0);
    }
    if (folder === undefined || more.length > 0) return fail(`name one folder; ${USAGE}`);
    return { folder, installs: values['no-install'] !== true, millrace: values.millrace };
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}; ${USAGE}`);
  }
};

/**
 * Replaces placeholders in a file of the new project.
 *
 * @param {string} file
 * @param {Readonly<Record<string, string>>} values
 */
const fillIn = (file, values) => {
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text.replaceAll(/%([A-Z]+)%/gu, (placeholder, name) => values[String(name)] ?? placeholder),
  );
};

const { folder, installs, millrace } = readArguments();
const target = resolve(folder);
const name = basename(target);
if (!PACKAGE_NAME.test(name)) {
  fail(`'${name}' cannot name the package and its stack: use lower-case letters, digits and '-', a letter first`);
}
if (existsSync(target) && readdirSync(target).length > 0) {
  fail(`${target} is not empty: name a new folder, or empty it`);
}

cpSync(TEMPLATE, target, { recursive: true });
// npm packs no file of that name as it is.
renameSync(join(target, '_gitignore'), join(target, '.gitignore'));
const [, version] = /"version": "(.+)"/u.exec(readFileSync(new URL('package.json', import.meta.url), 'utf8')) ?? [];
for (const file of ['package.json', 'README.md', 'infra/app.ts']) {
  fillIn(join(target, file), { NAME: name, MILLRACE: millrace ?? `^${String(version)}` });
}
process.stdout.write(`wrote ${target}\n`);

if (installs) {
  const { status, error } = spawnSync('npm', ['install', '--no-audit', '--no-fund'], {
    cwd: target,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) fail(`npm install failed${error ? `: ${error.message}` : ''}; run it again in ${target}`);
}
process.stdout.write(
  `\nNext:\n  cd ${folder}\n${installs ? '' : '  npm install\n'}  npm start   # run it on sample/orders.jsonl\n  npm test    # run its test\n`,
);
