import { afterEach } from '@jest/globals';
import { openServedRun, type ServedRun } from '../../../cli/run/served-run.ts';
import { json, memoryStorage, pipeline, processor, stream, text, topology } from '../../../shared/index.ts';
import { openPipeline } from '../../../shared/pipeline/open-pipeline.ts';
import { httpSource, type HttpSource, type HttpSourceOptions } from '../../../shared/source/http/http-source.ts';

interface Reading {
  readonly id: string;
  readonly celsius: number;
}

const isReading = (value: unknown): value is Reading =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'celsius' in value &&
  typeof value.celsius === 'number';

const readings = stream<Reading>('readings', { codec: json('reading', isReading), partitionKey: ({ id }) => id });
const notes = stream<string>('notes', { codec: text(), partitionKey: (line) => line.slice(0, 1) });
const warm = stream<Reading>('warm', { codec: json('reading', isReading), partitionKey: ({ id }) => id });

const READ = 'house/warm';
const NOTED = 'house/noted';

const house = pipeline({
  topology: topology('house', [
    processor({
      id: READ,
      from: readings,
      to: { warm },
      step: ({ value }) => ({ emit: { warm: value.celsius > 20 ? [value] : [] } }),
    }),
    processor({ id: NOTED, from: notes, to: {}, step: () => ({ emit: {} }) }),
  ]),
  entry: { stream: readings },
});

/** A pipeline that takes records over HTTP, on a port of its own. */
export interface Served {
  readonly source: HttpSource;
  readonly run: ServedRun;
  /** Ends it, with all that was taken processed. Returns what the readers of both streams have in their books. */
  readonly end: () => Promise<{ readonly readings: number; readonly notes: number }>;
  readonly post: (
    body: string | Uint8Array<ArrayBuffer>,
    headers?: Readonly<Record<string, string>>,
    stream?: string,
  ) => Promise<Response>;
}

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of open.splice(0)) await end();
});

/** Serves it until the test is over; with `isIdle` nothing is taken, as where processing does not keep up. */
export const served = async (
  options: Partial<HttpSourceOptions> = {},
  { isIdle = false }: { readonly isIdle?: boolean } = {},
): Promise<Served> => {
  const place = {
    storage: memoryStorage(),
    folder: 'memory',
    option: '--data',
    [Symbol.dispose]: () => undefined,
  };
  const run = await openServedRun({
    pipeline: await openPipeline(house, { values: {}, rows: {} }),
    storage: place,
    shards: 2,
    fingerprint: {},
    exported: false,
  });
  const source = await httpSource({
    pipeline: 'house',
    streams: [{ stream: readings }, { stream: notes }],
    intake: run.intake,
    ...options,
  });
  let work = isIdle ? undefined : run.work();
  const end = async (): Promise<{ readonly readings: number; readonly notes: number }> => {
    work ??= run.work();
    await source.close();
    run.end();
    await work;
    const books = run.runtime.books();
    return { readings: books.get(READ)?.in ?? 0, notes: books.get(NOTED)?.in ?? 0 };
  };
  open.push(end);
  return {
    source,
    run,
    end,
    post: (body, headers = { 'content-type': 'application/json' }, name = 'readings') =>
      fetch(`${source.url}/streams/${name}`, { method: 'POST', body, headers: { ...headers } }),
  };
};

/** JSON of a reading. */
export const reading = (id: string, celsius = 21): string => JSON.stringify({ id, celsius });
