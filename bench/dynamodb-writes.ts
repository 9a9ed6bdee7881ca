/*
 * DynamoDB writes of each weather processor on the Arizona lines of 2016, in batches of 1,000 records, through the real state
 * store and SDK client. Beside them the writes of Powertools idempotency for the same records, one by one. Fails if a batch
 * writes a state key more than once, or one that it does not change.
 *
 *   npm run bench -- dynamodb-writes        (needs ../shared/data)
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Table from 'cli-table3';
import { exampleRules } from '../functions/weather/generator/example-rules.ts';
import { lineLocator } from '../functions/weather/model/location.ts';
import { rawLines } from '../functions/weather/streams.ts';
import { alertRules, stations as stationTable } from '../functions/weather/tables.ts';
import { weather } from '../functions/weather/topology.ts';
import { bytesOf } from '../shared/codec/text-bytes.ts';
import { engine } from '../shared/engine/engine.ts';
import type { TablePort } from '../shared/engine/ports.ts';
import type { Processor } from '../shared/processor/processor.ts';
import { dynamoStore } from '../shared/state/dynamodb/dynamo-store.ts';
import { ROW_TABLE, STATE_TABLE } from '../shared/state/dynamodb/table-layout.ts';
import type { DeliveredRecord } from '../shared/stream/delivered-record.ts';
import { readWeatherFiles } from '../test/support/weather-files.ts';
import { memoryDynamodb, type SeenWrite } from './support/memory-dynamodb.ts';
import { powertoolsWrites } from './support/powertools-writes.ts';

const DATA = join(import.meta.dirname, '../../shared/data/ghcnd');
const YEAR = join(DATA, '2016-us-hcn.csv.gz');
const STATE = 'state';
const BATCH = 1000;
const FIRST_SEQUENCE_NUMBER = 49590338271490256608559692538361571095921575989136588898n;
const START_MS = Date.UTC(2030, 0, 1);

/** The streams of the pipeline, one shard each. */
const streams = new Map<string, DeliveredRecord[]>();
let clockMs = START_MS;

const put = (stream: string, partitionKey: string, payload: string): void => {
  const records = streams.get(stream) ?? [];
  streams.set(stream, records);
  const sequenceNumber = String(FIRST_SEQUENCE_NUMBER + BigInt(records.length));
  records.push({ partitionKey, sequenceNumber, data: bytesOf(payload), arrivalMs: clockMs });
};

/** What was written for one batch. */
interface BatchWrites {
  /** State keys whose item differs from the one before. */
  readonly changed: number;
  readonly items: number;
  readonly progress: number;
  /** Whether each changed key was written once, and no other. */
  readonly isOnceEach: boolean;
}

const contentOf = (item: SeenWrite['before']): string => JSON.stringify({ ...item, v: undefined, x: undefined });

const isProgress = ({ table, after }: SeenWrite): boolean => table === STATE && after['sk']?.S === '#';

const summed = (writes: readonly SeenWrite[]): BatchWrites => {
  const items = writes.filter((write) => !isProgress(write));
  const byKey = Map.groupBy(items, ({ table, key }) => `${table} ${key}`);
  let changed = 0;
  for (const ofKey of byKey.values()) {
    if (contentOf(ofKey[0]?.before) !== contentOf(ofKey.at(-1)?.after)) changed += 1;
  }
  return {
    changed,
    items: items.length,
    progress: writes.length - items.length,
    isOnceEach: items.length === changed,
  };
};

/** The key attributes of the tables of a topology. */
const keysOf = (processors: readonly Processor[]): Readonly<Record<string, readonly string[]>> => {
  const rowTables = processors.flatMap(({ keyed }) => keyed?.as?.name ?? []);
  const names = ({ partitionKey, sortKey }: typeof STATE_TABLE): readonly string[] => [partitionKey.name, sortKey.name];
  return { [STATE]: names(STATE_TABLE), ...Object.fromEntries(rowTables.map((name) => [name, names(ROW_TABLE)])) };
};

const run = async (): Promise<void> => {
  const { stations } = await readWeatherFiles({
    stations: join(DATA, 'ghcnd-stations.txt.gz'),
    countries: join(DATA, 'ghcnd-countries.txt'),
    states: join(DATA, 'ghcnd-states.txt'),
  });
  const rules = exampleRules([...stations.values()]);
  const locate = lineLocator(stations);
  for (const line of gunzipSync(readFileSync(YEAR)).toString('utf8').trimEnd().split('\n')) {
    if (locate(line) === 'US-AZ') put(rawLines.name, 'US-AZ', line);
  }
  const lines = streams.get(rawLines.name)?.length ?? 0;

  const reference: Readonly<Record<string, ReadonlyMap<string, unknown>>> = {
    [stationTable.name]: stations,
    [alertRules.name]: new Map(rules.map((rule) => [rule.id, rule])),
  };
  const tables: TablePort = {
    rows: (table, keys) => Promise.resolve(keys.map((key) => reference[table]?.get(key))),
    all: (table) => Promise.resolve({ version: 1, rows: [...(reference[table]?.values() ?? [])] }),
  };

  const { processors, sources } = weather();
  const dynamodb = memoryDynamodb(keysOf(processors));
  const state = dynamoStore({
    client: dynamodb.client,
    stateTable: STATE,
    tables: Object.fromEntries(
      processors.flatMap(({ keyed }) => (keyed?.as === undefined ? [] : [[keyed.as.name, keyed.as.name]])),
    ),
    nowMs: () => clockMs,
    sleep: () => Promise.resolve(),
    deadlineMs: () => Infinity,
    forgetAfterMs: 86_400_000,
  });
  const powertools = powertoolsWrites();

  const head = [
    '',
    'records',
    'batches',
    'changed keys',
    'item writes',
    'event time writes',
    'once each',
    'Powertools writes',
  ];
  const report = new Table({ head, colAligns: ['left', ...head.slice(1).map(() => 'right' as const)] });
  let isOnceEach = true;
  let ours = 0;
  let theirs = 0;
  for (const processor of processors) {
    const warm = engine(
      processor,
      {
        state,
        tables,
        nowMs: () => clockMs,
        outputs: {
          deliver: (deliveries) => {
            for (const delivery of deliveries) {
              if (delivery.kind !== 'stream') continue;
              for (const payload of delivery.payloads) put(delivery.stream, delivery.partitionKey, payload);
            }
            return Promise.resolve(deliveries.map(() => 'delivered' as const));
          },
          deadLetter: (letters) => Promise.resolve(letters.map(() => true)),
        },
      },
      { inputIsForeign: sources.includes(processor.from) },
    );
    const records = streams.get(processor.from.name) ?? [];
    const batches: BatchWrites[] = [];
    let powertoolsTotal = 0;
    for (let from = 0; from < records.length; from += BATCH) {
      const batch = records.slice(from, from + BATCH);
      clockMs += 1000;
      const { held } = await warm.process(batch);
      if (held.length > 0) throw new Error(`a lane was held: ${held[0]?.because ?? ''}`);
      batches.push(summed(dynamodb.takeWrites()));
      powertoolsTotal += await powertools(
        batch.map(({ sequenceNumber }) => ({ id: `${processor.id} ${processor.from.name} ${sequenceNumber}` })),
      );
    }
    // What is still open when the lines end is closed, so that the next processors get everything.
    await warm.sweep('all');
    dynamodb.takeWrites();

    const mean = (field: 'changed' | 'items' | 'progress'): string =>
      (batches.reduce((sum, one) => sum + one[field], 0) / Math.max(1, batches.length)).toFixed(1);
    const isGood = batches.every((batch) => batch.isOnceEach);
    isOnceEach &&= isGood;
    ours += batches.reduce((sum, { items, progress }) => sum + items + progress, 0);
    theirs += powertoolsTotal;
    report.push([
      processor.id,
      records.length.toLocaleString('en'),
      batches.length,
      ...[mean('changed'), mean('items'), mean('progress')],
      isGood ? 'yes' : 'no',
      (powertoolsTotal / Math.max(1, batches.length)).toFixed(1),
    ]);
  }

  console.log(
    `${lines.toLocaleString('en')} lines of Arizona, 2016; keys and writes are means of a batch of ${String(BATCH)} records at most`,
  );
  console.log(report.toString());
  console.log(
    `in all ${ours.toLocaleString('en')} writes, Powertools idempotency ${theirs.toLocaleString('en')}: ${(theirs / ours).toFixed(1)} times as many`,
  );
  console.log(`at most one write per changed key per batch: ${isOnceEach ? 'yes' : 'no'}`);
  if (!isOnceEach) process.exitCode = 1;
};

if (existsSync(YEAR)) await run();
else console.log('not run: ../shared/data has no ghcnd/2016-us-hcn.csv.gz');
