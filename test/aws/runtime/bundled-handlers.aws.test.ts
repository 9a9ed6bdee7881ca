import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dailyExtremes } from '../../../functions/weather/daily.ts';
import { notify } from '../../../functions/weather/notify.ts';
import { validatedLines } from '../../../functions/weather/streams.ts';
import { weather } from '../../../functions/weather/topology.ts';
import { validate } from '../../../functions/weather/validate.ts';
import { bundle } from '../../../infra/build/bundle.ts';
import { KplAggregator } from '../../../shared/codec/kpl-aggregator.ts';
import { bytesOf } from '../../../shared/codec/text-bytes.ts';
import type { Processor } from '../../../shared/processor/processor.ts';
import { environmentVariables } from '../../../shared/runtime/lambda/environment.ts';
import { MemoryLog } from '../../../shared/runtime/local/log/memory-log.ts';
import { reader } from '../../../shared/runtime/local/stream-reader.ts';
import { eventOf } from '../../runtime/lambda/invocation.ts';
import { emulatedTopology, type EmulatedTopology } from './emulated-topology.ts';
import { streamPump } from './stream-pump.ts';

/*
 * The bundles as they are deployed: minified, shaken, without the credentials of developers. Each in a process of its own, and
 * with nothing but the variables that Lambda would set.
 */

const LINE = 'USC00020000,20160101,TMIN,-31,,,7,0700';
const CONTEXT = '{ awsRequestId: "id", functionName: "function", getRemainingTimeInMillis: () => 60_000 }';

const folder = mkdtempSync(join(tmpdir(), 'millrace-bundled-handlers-'));
const topology = weather();
let emulated: EmulatedTopology | undefined;

const made = (): EmulatedTopology => {
  if (emulated === undefined) throw new Error('the topology is not there');
  return emulated;
};

beforeAll(async () => {
  emulated = await emulatedTopology(topology, {});
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await emulated?.close();
});

/** Invokes the bundle of a processor with payloads as a stranger could put them; what it answers. */
const invoked = async (processor: Processor, payloads: readonly (string | Uint8Array)[]): Promise<unknown> => {
  const out = join(folder, basename(processor.id));
  await bundle(`functions/${processor.id.replace('/', '/handlers/')}.ts`, out);
  const records = payloads.map((payload, index) => ({
    partitionKey: 'US-AZ',
    sequenceNumber: String(49_000_000 + index),
    data: typeof payload === 'string' ? bytesOf(payload) : payload,
    arrivalMs: Date.now(),
  }));
  const script = `
    const { handler } = require(${JSON.stringify(join(out, 'index.js'))});
    handler(${JSON.stringify(eventOf(records))}, ${CONTEXT}).then((answer) => process.stderr.write(JSON.stringify(answer)));
  `;
  const names = ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
  const env = {
    ...Object.fromEntries(names.map((name) => [name, process.env[name]])),
    ...environmentVariables(made().environmentOf(processor)),
  };
  const { stderr } = await promisify(execFile)(process.execPath, ['-e', script], { env });
  const answer: unknown = JSON.parse(stderr);
  return answer;
};

test('validate writes into its stream, and keeps what it cannot read in the bucket', async () => {
  const aggregator = new KplAggregator({ partitionKey: 'US-AZ' });
  aggregator.append(LINE);
  const damaged = aggregator.finish().map((byte, index, all) => (index === all.length - 1 ? byte ^ 1 : byte));
  expect(await invoked(validate, [LINE, damaged])).toEqual({ batchItemFailures: [] });
  const log = new MemoryLog();
  for (const { name } of topology.streams) log.createStream(name, { shards: 1 });
  await (
    await streamPump(made().kinesis, made().streams, log)
  )(0);
  expect(reader(log, validatedLines).read('with repeats')).toEqual([LINE]);
  expect((await made().letters()).map((letter): unknown => JSON.parse(letter))).toEqual([
    expect.objectContaining({ processor: 'weather/validate', reason: 'undecodable' }),
  ]);
});

test('daily fills its table', async () => {
  const observation = {
    station: { id: 'USC00020000', country_code: 'US', location: { lat: 33, lon: -112 }, name: 'PHOENIX' },
    location: 'US-AZ',
    date: '2016-01-01',
    TMIN: -3.1,
  };
  expect(await invoked(dailyExtremes, [JSON.stringify(observation)])).toEqual({ batchItemFailures: [] });
  const rows = [];
  for await (const { key, state } of made().state().items('weather-daily')) rows.push([key, JSON.parse(state ?? '')]);
  expect(rows).toEqual([
    [
      'US-AZ/2016-01-01',
      { location: 'US-AZ', date: '2016-01-01', observations: 1, low: { celsius: -3.1, station_id: 'USC00020000' } },
    ],
  ]);
});

test('notify sends a message', async () => {
  const said = {
    id: 'frost/USC00020000/2016-01-01/alert',
    rule: 'frost',
    kind: 'alert',
    station_id: 'USC00020000',
    location: 'US-AZ',
    date: '2016-01-01',
    element: 'TMIN',
    value: -3.1,
    threshold: 0,
    email: 'reader@example.org',
  };
  expect(await invoked(notify, [JSON.stringify(said)])).toEqual({ batchItemFailures: [] });
  expect(await made().messages()).toEqual([
    expect.objectContaining({
      notification: 'weather-mail',
      message: expect.objectContaining({ to: 'reader@example.org' }),
    }),
  ]);
});

test('a bundle that is deployed for another processor does not start, and says which variable is wrong', async () => {
  const out = join(folder, 'another');
  await bundle('functions/weather/handlers/notify.ts', out);
  const env = environmentVariables({ ...made().environmentOf(notify), processor: 'weather/alert' });
  await expect(
    promisify(execFile)(process.execPath, ['-e', `require(${JSON.stringify(join(out, 'index.js'))})`], { env }),
  ).rejects.toThrow("MILLRACE_PROCESSOR is 'weather/alert', the code is of 'weather/notify'");
});
