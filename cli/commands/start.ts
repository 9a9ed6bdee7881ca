import { join } from 'node:path';
import type { Command } from 'commander';
import { plainView, type LiveView } from '../../shared/pipeline/live-view.ts';
import type { Pipeline } from '../../shared/pipeline/description.ts';
import { openPipeline } from '../../shared/pipeline/open-pipeline.ts';
import { unreadStreams } from '../../shared/processor/topology.ts';
import { generatedSource } from '../../shared/source/generated-source.ts';
import { CommandError } from '../errors/command-error.ts';
import { withOutputErrors } from '../errors/output-error.ts';
import { newestOf } from '../live/newest.ts';
import { watchedRun } from '../live/watched-run.ts';
import { openWatcher } from '../live/watcher.ts';
import { reportStart } from '../report/start-report.ts';
import { say } from '../report/terminal.ts';
import { booksReport } from '../run/books-report.ts';
import { listenForInterrupt } from '../run/interrupt.ts';
import { openPipelineRun, wasPublished } from '../run/pipeline-run.ts';
import { openResultFolder } from '../run/result-folder.ts';
import { clearStorageFolder, type RunStorage, storageInFolder } from '../run/run-storage.ts';
import { writeResults } from '../run/write-results.ts';
import { grouped } from '../text/numbers.ts';
import { linesPerSecond, wholeNumber } from './options.ts';
import { addPipelineGroup, type Project } from './pipeline-group.ts';
import {
  addInputs,
  addOwnOptions,
  checkGiven,
  type Feed,
  feedOfFiles,
  filesIn,
  fingerprintOf,
  type GivenOptions,
} from './pipeline-options.ts';

/** Fewer than a run over files takes, so that the picture moves. */
const CYCLE_RECORDS = 4000;
/** More than a terminal has rows. */
const MAX_VALUES = 200;

const REMEDY = 'begin anew with --fresh';
const HINT = 'Ctrl-C stops; the next start goes on from there';

// A demo of some millions of records takes a good minute at this pace: long enough to watch, short enough to see the end.
const WATCHABLE_SPEED = 25_000;

/** Columns of an example in the help, up to what it does. */
const EXAMPLE_WIDTH = 46;

interface StartOptions extends GivenOptions {
  readonly data: string;
  readonly out: string;
  readonly shards: number;
  /** Records per second; Infinity is as fast as it goes. */
  readonly speed: number;
  readonly fresh?: boolean;
}

/** Adds the command that a newcomer runs first: a pipeline, alive. */
export const addStartCommand = (
  program: Command,
  project: Project,
  exitWith: (code: number) => void,
): readonly Command[] =>
  addPipelineGroup(program, project, {
    name: 'start',
    description: 'watch a pipeline at work, on demo data or on files',
    firstIsDefault: true,
    help: (pipeline) => `Examples:
  ${'millrace start'.padEnd(EXAMPLE_WIDTH)}the first pipeline on its demo data, to watch
  ${`millrace start ${pipeline} --speed max`.padEnd(EXAMPLE_WIDTH)}as fast as it goes
  ${`millrace start ${pipeline} --input FILE ...`.padEnd(EXAMPLE_WIDTH)}real data

Ctrl-C stops between two cycles; the next start with the same arguments goes on from there.`,
    build: (command, pipeline) => {
      addInputs(command, pipeline, pipeline.references)
        .option('--data <folder>', 'keep log and state here; the next start goes on', '.millrace/start')
        .option('--out <folder>', 'where the results go', '.millrace/results')
        .option('--shards <n>', 'shards of each stream, 1 to 10000', wholeNumber(1, 10_000), 4);
      addOwnOptions(command, pipeline.options);
      return addOwnOptions(command, pipeline.demo?.options ?? {}, true)
        .option('--speed <lines/s>', "a whole number, or 'max' for as fast as it goes", linesPerSecond, WATCHABLE_SPEED)
        .option('--fresh', 'begin anew, even where an unfinished run could go on')
        .action(async (options: StartOptions) => {
          exitWith(await start(pipeline, options));
        });
    },
  });

const start = async (chosen: Pipeline, options: StartOptions): Promise<number> => {
  const { out, shards, speed } = options;
  const nowMs = Date.now;
  const { pipeline, source } = await feedOf(chosen, options);
  const { topology } = pipeline;

  using interrupt = listenForInterrupt();
  using folder = await withOutputErrors(out, '--out', () => openResultFolder(out));
  using place = await openStorage(options);
  const live = chosen.live ?? defaultView(pipeline);
  const newest = newestOf(live.stream, MAX_VALUES);
  const observePut = newest.observe;
  const run = await openPipelineRun({ pipeline, source, storage: place, shards, remedy: REMEDY, observePut });
  const outbox = await withOutputErrors(out, '--out', () => folder.fill('outbox', run.position === undefined));
  const before = source.totals(run.position);
  if (before.records > 0) say(`goes on after line ${grouped(before.records)}, where it was stopped`);

  const startedMs = nowMs();
  let records = 0;
  {
    const shown = { topology, source, outbox: join(out, 'outbox'), hint: HINT, live, values: newest.values, nowMs };
    using watcher = openWatcher(shown);
    const chunks = source.open(run.position, { chunkRecords: CYCLE_RECORDS, remedy: REMEDY });
    records = await watchedRun({ run, source, chunks, watcher, outbox, speed, interrupt, nowMs });
  }
  const books = booksReport(run.runtime, source.totals(run.position));
  if (interrupt.signal === undefined) {
    await writeResults(folder, { ...run, books }, () => interrupt.signal !== undefined);
  }
  if (interrupt.signal !== undefined) {
    const { records: total } = source.totals(run.position);
    say(`stopped after line ${grouped(total)}; the next start goes on from there. E-mails so far: ${outbox}`);
    return interrupt.exitCode;
  }
  await run.notePublished();
  return reportStart(pipeline, { books, out, records, spentMs: nowMs() - startedMs });
};

const defaultView = ({ topology, entry }: Feed['pipeline']): LiveView => plainView(unreadStreams(topology)[0] ?? entry);

/** Demo data, unless some files are named; then all that are needed must be. */
const feedOf = async (chosen: Pipeline, options: StartOptions): Promise<Feed> => {
  const { demo, references } = chosen;
  const named = [options.input, ...Object.values(filesIn(references, options))];
  const hasFiles = named.some((one) => one !== undefined);
  if (hasFiles) {
    checkGiven(references, options, 'files need all of these; without any, demo data is made');
    const feed = await feedOfFiles(chosen, references, options);
    if (feed.source.canResume) return feed;
    throw new CommandError(
      `start goes on where it was stopped, and a pipe cannot be read twice; use millrace run ${chosen.name}`,
    );
  }
  if (demo === undefined) {
    throw new CommandError(
      `missing --input: ${chosen.name} has no demo data; see millrace start ${chosen.name} --help`,
    );
  }
  const { references: rows = {}, ...data } = demo.data(options);
  return {
    pipeline: await openPipeline(chosen, { values: options, rows }),
    source: generatedSource(data, {
      ...fingerprintOf(demo.options, options),
      ...fingerprintOf(chosen.options, options),
    }),
  };
};

/** Goes on with the storage in the data folder, or begins a new one where that is over. */
const openStorage = async ({ data, fresh = false }: StartOptions): Promise<RunStorage> => {
  const found = await storageInFolder(data);
  const isOver = await wasPublished(found);
  if (!fresh && !isOver) return found;
  found[Symbol.dispose]();
  await clearStorageFolder(data);
  if (isOver) say('the last run was finished; this is a new one');
  return storageInFolder(data);
};
