import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { parseJson } from '../../shared/codec/json.ts';
import { findConfig } from '../../shared/pipeline/config.ts';
import { fieldOf } from '../../shared/runtime/field-of.ts';
import { CommandError } from '../errors/command-error.ts';
import { constantOf, pipelineFiles, type Surroundings, withPipeline } from '../new/pipeline-files.ts';
import { print } from '../report/terminal.ts';

const EXAMPLES = `
Example:
  millrace new orders

Writes a small pipeline that works, its handler for AWS and its test below the folder of millrace.config.ts (or here, where
there is none), and adds it to that file. Nothing that is there is written over.`;

/** Adds the command that writes a pipeline to begin with. */
export const addNewCommand = (program: Command): Command =>
  program
    .command('new')
    .description('write a new pipeline and its test')
    .argument('<name>', 'of the pipeline, in lower case', pipelineName)
    .addHelpText('after', EXAMPLES)
    .action((name: string) => {
      print(newPipeline(process.cwd(), name));
    });

const NAME = /^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,39}$/u;

const pipelineName = (text: string): string => {
  if (NAME.test(text)) return text;
  throw new InvalidArgumentError(
    'It must be 1 to 40 of a-z 0-9 and single -, beginning with a letter, such as page-views.',
  );
};

/** Writes the files of a new pipeline, and says what it has done and what to try next. */
const newPipeline = (folder: string, name: string): string => {
  const config = findConfig(folder);
  const root = config === undefined ? folder : dirname(config);
  const around = surroundingsOf(root);
  const files = pipelineFiles(name, around);
  const taken = [`functions/${name}`, ...files.map(({ path }) => path)].find((path) => existsSync(join(root, path)));
  if (taken !== undefined) {
    throw new CommandError(`${JSON.stringify(taken)} is there already; take another name, or move it away`);
  }
  for (const { path, text } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const configFile = config ?? join(root, 'millrace.config.ts');
  const before = config === undefined ? '' : readFileSync(config, 'utf8');
  const listed = withPipeline(before, name, around.config);
  if (listed !== undefined) writeFileSync(configFile, listed);
  const shown = relative(folder, configFile);
  return [
    ...files.map(({ path }) => `wrote ${relative(folder, join(root, path))}`),
    listed === undefined
      ? `To do: add ${constantOf(name)} of './functions/${name}/pipeline.ts' to the pipelines of ${shown}`
      : `${config === undefined ? 'wrote' : 'added it to'} ${shown}`,
    '',
    `Try:  npx millrace start ${name}`,
    `      npx millrace topology ${name}`,
    '',
  ].join('\n');
};

/** The project of the library itself imports by path; any other one imports the package. */
const surroundingsOf = (root: string): Surroundings & { readonly config: string } => {
  const manifest = existsSync(join(root, 'package.json')) ? readFileSync(join(root, 'package.json'), 'utf8') : '{}';
  const parsed = parseJson(manifest);
  const project = parsed.kind === 'value' ? parsed.value : undefined;
  const hasJest = fieldOf(fieldOf(project, 'devDependencies'), '@jest/globals') !== undefined;
  const testRunner = hasJest ? '@jest/globals' : 'node:test';
  if (fieldOf(project, 'name') !== 'millrace') {
    return {
      library: 'millrace',
      lambda: 'millrace/lambda',
      testing: 'millrace/testing',
      config: 'millrace',
      testRunner,
    };
  }
  return {
    library: '../../shared/index.ts',
    lambda: '../../../shared/runtime/lambda/lambda.ts',
    testing: '../../../shared/index.ts',
    config: './shared/pipeline/config.ts',
    testRunner,
  };
};
