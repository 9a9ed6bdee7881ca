import type { Command } from 'commander';
import { CommandError } from '../errors/command-error.ts';
import { listenForInterrupt } from '../run/interrupt.ts';
import { withOutputErrors } from '../errors/output-error.ts';
import { feedRun } from '../run/pipeline-run.ts';
import { fileSource } from '../weather/file-source.ts';
import { openPipelineRun } from '../run/pipeline-run.ts';
import { storageInFolder, storageInMemory } from '../run/run-storage.ts';
import { checkWeatherInput } from '../weather/weather-input.ts';
import { booksReport } from '../run/books-report.ts';
import { grouped } from '../text/numbers.ts';
import { openProgress } from '../report/progress.ts';
import { reportRun } from '../report/run-report.ts';
import { say } from '../report/terminal.ts';
import { openResultFolder } from '../run/result-folder.ts';
import { writeResults } from '../run/write-results.ts';
import { addPipelineArgument } from './options.ts';
import { addWeatherInput, completeWeatherInput, type GivenWeatherInput } from './weather-input-options.ts';
import { wholeNumber } from './options.ts';

/** Records of one cycle: enough that a commit costs little, few enough that memory stays small. */
const CYCLE_RECORDS = 20_000;

const SEE_HELP = 'see millrace run --help';

interface RunOptions extends GivenWeatherInput {
  readonly out?: string;
  readonly shards: number;
  readonly graceDays: number;
  readonly data?: string;
}

const EXAMPLES = `
Examples:
  Real files, in memory:
    millrace run weather --input 2016.csv.gz --stations ghcnd-stations.txt \\
      --countries ghcnd-countries.txt --states ghcnd-states.txt --rules rules.json --out results
  Kept in a folder; killed at any moment, the same command goes on where it was:
    millrace run weather --input 2015.csv.gz 2016.csv.gz --stations ghcnd-stations.txt \\
      --countries ghcnd-countries.txt --states ghcnd-states.txt --out results --data state

Exit codes:
  0  every record is accounted for      1  the books do not balance, or an input is damaged
  2  it could not run: one line says why and what to do`;

/** Adds the command that runs a pipeline over files until all is drained. */
export const addRunCommand = (program: Command, exitWith: (code: number) => void): Command => {
  const command = program.command('run').description('run a pipeline over files and write its results');
  return addWeatherInput(addPipelineArgument(command))
    .option('--out <folder>', 'where the results go')
    .option('--shards <n>', 'shards of each stream, 1 to 10000', wholeNumber(1, 10_000), 4)
    .option('--grace-days <n>', 'days a day stays open after its end, 0 to 366', wholeNumber(0, 366), 1)
    .option('--data <folder>', 'keep log and state here, to go on after a stop (default: in memory)')
    .addHelpText('after', EXAMPLES)
    .action(async (_pipeline: string, options: RunOptions) => {
      exitWith(await runOverFiles(options));
    });
};

const runOverFiles = async (options: RunOptions): Promise<number> => {
  const { out, shards, graceDays, data } = options;
  const nowMs = Date.now;
  const given = completeWeatherInput(options, SEE_HELP);
  if (out === undefined) throw new CommandError(`missing --out, the folder where the results go; ${SEE_HELP}`);
  const remedy = 'name another --data folder';
  const source = fileSource(await checkWeatherInput(given), { graceDays, chunkRecords: CYCLE_RECORDS, remedy });

  using interrupt = listenForInterrupt();
  using folder = await withOutputErrors(out, '--out', () => openResultFolder(out));
  using place = await (data === undefined ? storageInMemory(folder.work, out) : storageInFolder(data));
  const run = await openPipelineRun({ source, storage: place, shards, remedy });
  const before = source.totals(run.position);
  if (run.finished) say(`${place.folder} holds the finished run; its results are written again`);
  else if (before.records > 0) say(`goes on after record ${grouped(before.records)}, from ${place.folder}`);

  const startedMs = nowMs();
  let records = 0;
  {
    using progress = openProgress({ total: source.total, done: source.doneAt(run.position), nowMs });
    records = await feedRun(run, source.open(run.position), interrupt, (count, { done }) => {
      progress.update(count, done);
    });
    if (interrupt.signal === undefined && !run.finished) await run.finish();
  }
  const books = booksReport(run.runtime, source.totals(run.position));
  if (interrupt.signal === undefined) {
    await writeResults(folder, { ...run, books, mail: source.pipeline.mail }, () => interrupt.signal !== undefined);
  }
  if (interrupt.signal !== undefined) {
    say(data === undefined ? `stopped; ${out} is as it was` : 'stopped; the same command goes on from here');
    return interrupt.exitCode;
  }
  return reportRun({ books, out, records, spentMs: nowMs() - startedMs });
};
