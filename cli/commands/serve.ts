import type { Command } from 'commander';
import type { Pipeline } from '../../shared/pipeline/description.ts';
import type { OpenPipeline } from '../../shared/pipeline/open-pipeline.ts';
import { missingFiles } from '../../shared/pipeline/reference.ts';
import { fieldOf } from '../../shared/runtime/field-of.ts';
import { memoryStorage } from '../../shared/runtime/local/local-storage.ts';
import { httpSource, type HttpSource, type Intake } from '../../shared/source/http/http-source.ts';
import type { HttpStream } from '../../shared/source/http/read-records.ts';
import { CommandError } from '../errors/command-error.ts';
import { withOutputErrors } from '../errors/output-error.ts';
import { reportRun } from '../report/run-report.ts';
import { print, say } from '../report/terminal.ts';
import { booksReport } from '../run/books-report.ts';
import { listenForInterrupt } from '../run/interrupt.ts';
import { openResultFolder } from '../run/result-folder.ts';
import { storageInFolder, type RunStorage } from '../run/run-storage.ts';
import { openServedRun, type ServedRun } from '../run/served-run.ts';
import { writeResults } from '../run/write-results.ts';
import { wholeNumber } from './options.ts';
import { addPipelineGroup, type Project } from './pipeline-group.ts';
import { addOwnOptions, addReferenceFiles, filesIn, openWithReferences, seeHelpOf } from './pipeline-options.ts';

const MAX_PORT = 65_535;
const MAX_BODY_BYTES = 100_000_000;

interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly data?: string;
  readonly out?: string;
  readonly shards: number;
  readonly maxBody: number;
  readonly maxWaiting: number;
  readonly [name: string]: unknown;
}

/** Adds the command that takes records over HTTP and processes them as they come. */
export const addServeCommand = (
  program: Command,
  project: Project,
  exitWith: (code: number) => void,
): readonly Command[] =>
  addPipelineGroup(program, project, {
    name: 'serve',
    description: 'take records over HTTP and process them as they come',
    help: (pipeline) => `Examples:
  millrace serve ${pipeline} --port 8080 --out results
  millrace serve ${pipeline} --port 8080 --data state    killed at any moment, the same command goes on
  curl http://127.0.0.1:8080/                            what it takes

Ctrl-C answers and processes what was taken, then ends. Without --data it also closes the open windows.

Exit codes:
  0  ended, and every record is accounted for      1  the books do not balance
  2  it could not run: one line says why and what to do`,
    build: (command, pipeline) =>
      addOwnOptions(addReferenceFiles(command, pipeline.references), pipeline.options)
        .option('--host <address>', 'address to listen on; there is no authentication', '127.0.0.1')
        .option('--port <n>', 'port to listen on; 0 picks a free one and prints it', wholeNumber(0, MAX_PORT), 8080)
        .option('--data <folder>', 'keep log and state here, to go on after a stop (default: in memory)')
        .option('--out <folder>', 'write the results here at the end (default: none)')
        .option('--shards <n>', 'shards of each stream, 1 to 10000', wholeNumber(1, 10_000), 4)
        .option('--max-body <bytes>', 'largest body, unpacked', wholeNumber(1, MAX_BODY_BYTES), 10_000_000)
        .option(
          '--max-waiting <n>',
          'records waiting to be processed from which on requests get 429',
          wholeNumber(1, 10_000_000),
          10_000,
        )
        .action(async (options: ServeOptions) => {
          exitWith(await serve(pipeline, options, seeHelpOf(command)));
        }),
  });

const serve = async (chosen: Pipeline, options: ServeOptions, seeHelp: string): Promise<number> => {
  const { data, out, shards } = options;
  const files = filesIn(chosen.references, options);
  const missing = missingFiles(chosen.references, files);
  if (missing.length > 0) throw new CommandError(`missing ${missing.join(', ')}; ${seeHelp}`);
  const { open: pipeline, fingerprint } = await openWithReferences(chosen, chosen.references, options);
  const streams = await streamsOf(pipeline);
  const startedMs = Date.now();

  using folder = out === undefined ? undefined : await withOutputErrors(out, '--out', () => openResultFolder(out));
  using place = data === undefined ? inMemory() : await storageInFolder(data);
  const run = await openServedRun({
    pipeline,
    storage: place,
    shards,
    fingerprint: { ...fingerprint, 'kept for --out': out === undefined ? 'no' : 'yes' },
    exported: out !== undefined,
  });
  const takenBefore = taken(run, streams);
  const source = await listen(chosen.name, streams, run.intake, options);
  const closing: Promise<void>[] = [];
  using interrupt = listenForInterrupt(() => {
    closing.push(
      source.close().then(() => {
        run.end();
      }),
    );
  });
  print(`${chosen.name} takes records at ${source.url}; Ctrl-C ends\n`);
  try {
    await run.work();
  } catch (error) {
    await source.close();
    throw error;
  }
  await Promise.all(closing);
  if (data === undefined) await run.flush();

  const records = taken(run, streams);
  const report = booksReport(run.runtime, { lines: records, records, damaged: [] });
  if (folder !== undefined) await writeResults(folder, { ...run, books: report }, () => false);
  say(
    `${interrupt.signal ?? 'ended'}: all that was taken is processed${data === undefined ? '' : `; kept in ${data}`}`,
  );
  const where = out ?? data ?? 'none kept; name --out or --data';
  return reportRun({ books: report, out: where, records: records - takenBefore, spentMs: Date.now() - startedMs });
};

const taken = ({ runtime }: ServedRun, streams: readonly HttpStream[]): number =>
  streams.reduce((sum, { stream }) => sum + (runtime.puts().get(stream.name) ?? 0), 0);

/** The streams that come from outside. One that another topology writes is none: who forges its envelopes could mislead ledgers. */
const streamsOf = async ({ topology, entry, partitionKeyOf }: OpenPipeline): Promise<readonly HttpStream[]> => {
  const streams = topology.sources.filter(({ writtenBy }) => writtenBy !== 'millrace');
  if (streams.length === 0) {
    throw new CommandError(
      `${topology.name} has no stream that is written from outside: another topology writes all its sources`,
    );
  }
  await Promise.all(streams.map(({ codec }) => codec.prepare?.() ?? Promise.resolve()));
  return streams.map((stream) => (stream === entry ? { stream, partitionKeyOf } : { stream }));
};

const inMemory = (): RunStorage => {
  const storage = memoryStorage();
  return {
    storage,
    folder: 'memory',
    option: '--data',
    [Symbol.dispose]: () => {
      storage.close();
    },
  };
};

const listen = async (
  pipeline: string,
  streams: readonly HttpStream[],
  intake: Intake,
  { host, port, maxBody: maxBodyBytes, maxWaiting: maxWaitingRecords }: ServeOptions,
): Promise<HttpSource> => {
  try {
    return await httpSource({ pipeline, streams, intake, host, port, maxBodyBytes, maxWaitingRecords });
  } catch (cause) {
    const address = `${host} port ${String(port)}`;
    switch (fieldOf(cause, 'code')) {
      case 'EADDRINUSE':
        throw new CommandError(`cannot listen on ${address}: it is in use; name another --port, or 0 for a free one`, {
          cause,
        });
      case 'EACCES':
        throw new CommandError(`cannot listen on ${address}: permission denied; name a --port from 1024 on`, { cause });
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
      case 'EAI_AGAIN':
        throw new CommandError(
          `cannot listen on ${address}: no such address on this machine; name another --host, such as 127.0.0.1`,
          { cause },
        );
      default:
        throw cause;
    }
  }
};
