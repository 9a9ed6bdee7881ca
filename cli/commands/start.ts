import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { alerts } from '../../functions/weather/streams.ts';
import { withOutputErrors } from '../errors/output-error.ts';
import { newestOf } from '../live/newest.ts';
import { watchedRun } from '../live/watched-run.ts';
import { openWatcher } from '../live/watcher.ts';
import { grouped } from '../text/numbers.ts';
import { reportStart } from '../report/run-report.ts';
import { say } from '../report/terminal.ts';
import { booksReport } from '../run/books-report.ts';
import { listenForInterrupt } from '../run/interrupt.ts';
import { openPipelineRun, wasPublished } from '../run/pipeline-run.ts';
import { openResultFolder } from '../run/result-folder.ts';
import { clearStorageFolder, type RunStorage, storageInFolder } from '../run/run-storage.ts';
import type { Source } from '../run/source.ts';
import { writeResults } from '../run/write-results.ts';
import { fileSource } from '../weather/file-source.ts';
import { generatedSource } from '../weather/generated-source.ts';
import { checkWeatherInput, type WeatherInputOptions } from '../weather/weather-input.ts';
import { linesPerSecond, wholeNumber } from './options.ts';
import { addWeatherInput, completeWeatherInput, type GivenWeatherInput } from './weather-input-options.ts';

/** Fewer than a run over files takes, so that the picture moves. */
const CYCLE_RECORDS = 4000;
/** More than a terminal has rows. */
const MAX_ALERTS = 200;

const REMEDY = 'begin anew with --fresh';
const HINT = 'Ctrl-C stops; the next start goes on from there';

const EXAMPLES = `
Examples:
  millrace start                         three years of generated weather, to watch
  millrace start --seed 7 --speed max    other weather, as fast as it goes
  millrace start --input 2016.csv.gz --stations ghcnd-stations.txt --countries ghcnd-countries.txt \\
    --states ghcnd-states.txt            real weather

Ctrl-C stops between two cycles; the next start with the same arguments goes on from there.`;

/** Adds the command that a newcomer runs first: the weather pipeline, alive. */
export const addStartCommand = (program: Command, exitWith: (code: number) => void): Command =>
  addStartOptions(
    program.command('start').description('watch the weather pipeline at work, on generated weather or on files'),
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
  const newest = newestOf(alerts, MAX_ALERTS);
  const run = await openPipelineRun({ source, storage: place, shards, remedy: REMEDY, observePut: newest.observe });
  const outbox = await withOutputErrors(out, '--out', () => folder.fill('outbox', run.position === undefined));
  const before = source.totals(run.position);
  if (before.records > 0) say(`goes on after line ${grouped(before.records)}, where it was stopped`);

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
    say(`stopped after line ${grouped(total)}; the next start goes on from there. E-mails so far: ${outbox}`);
    return interrupt.exitCode;
  }
  await run.notePublished();
  return reportStart({ books, out, records, spentMs: nowMs() - startedMs });
};

const sourceOf = async (options: StartOptions): Promise<Source> => {
  const { graceDays, days, seed } = options;
  const files = filesOf(options);
  return files === undefined
    ? generatedSource({ days, seed, graceDays, chunkRecords: CYCLE_RECORDS })
    : fileSource(await checkWeatherInput(files), { graceDays, chunkRecords: CYCLE_RECORDS, remedy: REMEDY });
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

/** Options of `millrace start`. */
export interface StartOptions extends GivenWeatherInput {
  readonly data: string;
  readonly out: string;
  readonly shards: number;
  readonly graceDays: number;
  readonly days: number;
  readonly seed: number;
  /** Records per second; Infinity is as fast as it goes. */
  readonly speed: number;
  readonly fresh?: boolean;
}

// Three years of 300 stations take a good minute at this pace: long enough to watch, short enough to see the end.
const WATCHABLE_SPEED = 25_000;

/** Adds the options of {@link StartOptions} to a command. */
const addStartOptions = (command: Command): Command =>
  addWeatherInput(command)
    .option('--data <folder>', 'keep log and state here; the next start goes on', '.millrace/start')
    .option('--out <folder>', 'where the results go', '.millrace/results')
    .option('--shards <n>', 'shards of each stream, 1 to 10000', wholeNumber(1, 10_000), 4)
    .option('--grace-days <n>', 'days a day stays open after its end, 0 to 366', wholeNumber(0, 366), 1)
    .addOption(generated('--days <n>', 'days of generated weather, 1 to 36525', wholeNumber(1, 36_525), 1095))
    .addOption(
      generated('--seed <n>', 'other weather for each seed, 0 to 4294967295', wholeNumber(0, 4_294_967_295), 1),
    )
    .option('--speed <lines/s>', "a whole number, or 'max' for as fast as it goes", linesPerSecond, WATCHABLE_SPEED)
    .option('--fresh', 'begin anew, even where an unfinished run could go on');

const generated = (flags: string, description: string, parse: (text: string) => number, value: number): Option =>
  new Option(flags, description).argParser(parse).default(value).conflicts('input');

/** The files that are to feed it; undefined where the weather is to be generated. Throws where some files are named and others are missing. */
const filesOf = (options: StartOptions): WeatherInputOptions | undefined => {
  const { input, stations, countries, states, rules } = options;
  const isGenerated = [input, stations, countries, states, rules].every((given) => given === undefined);
  return isGenerated
    ? undefined
    : completeWeatherInput(options, 'files need all of these; without any, weather is generated');
};
