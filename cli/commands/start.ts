import { join } from 'node:path';
import type { Command } from 'commander';
import { alerts } from '../../functions/weather/streams.ts';
import { listenForInterrupt } from '../interrupt.ts';
import { newestOf } from '../live/newest.ts';
import { watchedRun } from '../live/watched-run.ts';
import { openWatcher } from '../live/watcher.ts';
import { withOutputErrors } from '../output-error.ts';
import { fileSource } from '../pipeline/file-source.ts';
import { madeUpSource } from '../pipeline/made-up-source.ts';
import { openPipelineRun, wasPublished } from '../pipeline/pipeline-run.ts';
import { clearStorageFolder, type RunStorage, storageInFolder } from '../pipeline/run-storage.ts';
import type { Source } from '../pipeline/source.ts';
import { checkWeatherInput } from '../pipeline/weather-input.ts';
import { booksReport } from '../report/books-report.ts';
import { grouped } from '../report/numbers.ts';
import { say } from '../report/say.ts';
import { reportStart } from '../report/start-report.ts';
import { openResultFolder } from '../results/result-folder.ts';
import { writeResults } from '../results/write-results.ts';
import { addStartOptions, filesOf, type StartOptions } from './start-options.ts';

/** Fewer than a run over files takes at once, so that the picture moves. */
const CYCLE_RECORDS = 4000;
/** More than a terminal has rows. */
const MOST_ALERTS = 200;

const HINT = 'Ctrl-C stops; the next start goes on from there';

const EXAMPLES = `
Examples:
  millrace start                         three years of made-up weather, to watch
  millrace start --seed 7 --speed max    other weather, as fast as it goes
  millrace start --input 2016.csv.gz --stations ghcnd-stations.txt --countries ghcnd-countries.txt \\
    --states ghcnd-states.txt            real weather

Ctrl-C stops between two cycles; the next start with the same arguments goes on from there.`;

/** Adds the command that a newcomer runs first: the weather pipeline, alive. */
export const addStartCommand = (program: Command, exitWith: (code: number) => void): Command =>
  addStartOptions(
    program.command('start').description('watch the weather pipeline at work, on made-up weather or files'),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (options: StartOptions) => {
      exitWith(await start(options));
    });

const start = async (options: StartOptions): Promise<number> => {
  const { out, shards, speed } = options;
  const nowMs = Date.now;
  const source = await sourceOf(options);

  using interrupt = listenForInterrupt();
  using folder = await withOutputErrors(out, '--out', () => openResultFolder(out));
  using place = await openStorage(options);
  const newest = newestOf(alerts, MOST_ALERTS);
  const remedy = 'begin anew with --fresh';
  const run = await openPipelineRun({ source, storage: place, shards, remedy, nowMs, observePut: newest.observe });
  const outbox = await withOutputErrors(out, '--out', () => folder.fill('outbox', run.position === undefined));
  const before = source.totals(run.position);
  if (before.records > 0) say(`goes on behind line ${grouped(before.records)}, where it was stopped`);

  const startedMs = nowMs();
  let records = 0;
  {
    const shown = { source, outbox: join(out, 'outbox'), hint: HINT, alerts: newest.values, nowMs };
    using watcher = openWatcher(shown);
    records = await watchedRun({ run, source, watcher, outbox, speed, interrupt, nowMs });
  }
  const books = booksReport(run.runtime, source.totals(run.position));
  if (interrupt.signal === undefined) {
    await writeResults(folder, { ...run, books, mail: source.pipeline.mail }, () => interrupt.signal !== undefined);
  }
  if (interrupt.signal !== undefined) {
    const { records: total } = source.totals(run.position);
    say(`stopped behind line ${grouped(total)}; the next start goes on from there. E-mails so far: ${outbox}`);
    return interrupt.exitCode;
  }
  await run.notePublished();
  return reportStart({ books, out, records, spentMs: nowMs() - startedMs });
};

const sourceOf = async (options: StartOptions): Promise<Source> => {
  const { graceDays, days, seed } = options;
  const files = filesOf(options);
  return files === undefined
    ? madeUpSource({ days, seed, graceDays, portionRecords: CYCLE_RECORDS })
    : fileSource(await checkWeatherInput(files), { graceDays, portionRecords: CYCLE_RECORDS });
};

/** Goes on with the storage in the data folder, or begins a new one where that is over. */
const openStorage = async ({ data, fresh = false }: StartOptions): Promise<RunStorage> => {
  const found = await storageInFolder(data);
  const isOver = wasPublished(found);
  if (!fresh && !isOver) return found;
  found[Symbol.dispose]();
  await clearStorageFolder(data);
  if (isOver) say('the last run was finished; this is a new one');
  return storageInFolder(data);
};
