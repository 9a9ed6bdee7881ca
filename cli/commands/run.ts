import type { Command } from 'commander';
import type { Pipeline } from '../../shared/pipeline/description.ts';
import { CommandError } from '../errors/command-error.ts';
import { withOutputErrors } from '../errors/output-error.ts';
import { openProgress } from '../report/progress.ts';
import { reportRun } from '../report/run-report.ts';
import { say } from '../report/terminal.ts';
import { booksReport } from '../run/books-report.ts';
import { listenForInterrupt } from '../run/interrupt.ts';
import { feedRun, openPipelineRun } from '../run/pipeline-run.ts';
import { openResultFolder } from '../run/result-folder.ts';
import { storageInFolder, storageInMemory } from '../run/run-storage.ts';
import { writeResults } from '../run/write-results.ts';
import { grouped } from '../text/numbers.ts';
import { wholeNumber } from './options.ts';
import { addPipelineGroup, type Project } from './pipeline-group.ts';
import { addInputs, addOwnOptions, checkGiven, feedOfFiles, seeHelpOf, type GivenOptions } from './pipeline-options.ts';

/** Records of one cycle: enough that a commit costs little, few enough that memory stays small. */
const CYCLE_RECORDS = 20_000;

interface RunOptions extends GivenOptions {
  readonly out?: string;
  readonly shards: number;
  readonly data?: string;
}

/** Adds the command that runs a pipeline over files until all is drained. */
export const addRunCommand = (
  program: Command,
  project: Project,
  exitWith: (code: number) => void,
): readonly Command[] =>
  addPipelineGroup(program, project, {
    name: 'run',
    description: 'run a pipeline over files and write its results',
    help: (pipeline) => `Examples:
  In memory:
    millrace run ${pipeline} --input 2015.csv.gz 2016.csv.gz --out results
    zcat logs/*.gz | millrace run ${pipeline} --input - --out results
  Kept in a folder; killed at any moment, the same command goes on where it was:
    millrace run ${pipeline} --input inputs/ --out results --data state
  What it needs beside --input and --out: millrace run ${pipeline} --help

Exit codes:
  0  every record is accounted for      1  the books do not balance, or an input is damaged
  2  it could not run: one line says why and what to do`,
    build: (command, pipeline) =>
      addOwnOptions(addInputs(command, pipeline, pipeline.references), pipeline.options)
        .option('--out <folder>', 'where the results go')
        .option('--shards <n>', 'shards of each stream, 1 to 10000', wholeNumber(1, 10_000), 4)
        .option('--data <folder>', 'keep log and state here, to go on after a stop (default: in memory)')
        .action(async (options: RunOptions) => {
          exitWith(await runOverFiles(pipeline, options, seeHelpOf(command)));
        }),
  });

const runOverFiles = async (chosen: Pipeline, options: RunOptions, seeHelp: string): Promise<number> => {
  const { out, shards, data } = options;
  const nowMs = Date.now;
  const remedy = 'name another --data folder';
  checkGiven(chosen.references, options, seeHelp);
  if (out === undefined) throw new CommandError(`missing --out, the folder where the results go; ${seeHelp}`);
  const { pipeline, source } = await feedOfFiles(chosen, chosen.references, options);
  if (data !== undefined && !source.canResume) {
    throw new CommandError(
      'a run with --data reads its input again after a stop, and a pipe cannot be read twice; leave --data out, or write the input to a file and name that',
    );
  }

  using interrupt = listenForInterrupt();
  using folder = await withOutputErrors(out, '--out', () => openResultFolder(out));
  using place = await (data === undefined ? storageInMemory(folder.work, out) : storageInFolder(data));
  const run = await openPipelineRun({ pipeline, source, storage: place, shards, remedy });
  const before = source.totals(run.position);
  if (run.finished) say(`${place.folder} holds the finished run; its results are written again`);
  else if (before.records > 0) say(`goes on after record ${grouped(before.records)}, from ${place.folder}`);

  const startedMs = nowMs();
  let records = 0;
  {
    using progress = openProgress({ total: source.total, done: source.doneAt(run.position), nowMs });
    const chunks = source.open(run.position, { chunkRecords: CYCLE_RECORDS, remedy });
    records = await feedRun(run, chunks, interrupt, (count, { done }) => {
      progress.update(count, done);
    });
    if (interrupt.signal === undefined && !run.finished) await run.finish();
  }
  const books = booksReport(run.runtime, source.totals(run.position));
  if (interrupt.signal === undefined) {
    await writeResults(folder, { ...run, books }, () => interrupt.signal !== undefined);
  }
  if (interrupt.signal !== undefined) {
    say(data === undefined ? `stopped; ${out} is as it was` : 'stopped; the same command goes on from here');
    return interrupt.exitCode;
  }
  return reportRun({ books, out, records, spentMs: nowMs() - startedMs });
};
