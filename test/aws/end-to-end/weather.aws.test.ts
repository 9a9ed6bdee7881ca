import { DescribeStreamSummaryCommand, PutRecordCommand, ResourceNotFoundException } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { alerts, rawLines, validatedLines } from '../../../functions/weather/streams.ts';
import { alertLogTable, daily } from '../../../functions/weather/tables.ts';
import { weather } from '../../../functions/weather/topology.ts';
import { fieldOf } from '../../../shared/runtime/field-of.ts';
import { stackName } from '../../../shared/runtime/deployment/output-name.ts';
import { tempFiles } from '../../source/temp-files.ts';
import { script } from './command.ts';
import { letterKeys } from './dead-letter-keys.ts';
import { deployWorld, type DeployedWorld } from './deployed-world.ts';
import { isLocalstack } from './emulator.ts';
import type { Outcome } from './outcome.ts';
import { allPages } from './query-api.ts';
import { until } from './until.ts';

const MINUTE_MS = 60_000;
/** For what never answers: waiting ends by itself where nothing moves any more. */
const LIMIT_MS = 15 * MINUTE_MS;
jest.setTimeout(LIMIT_MS);

const STILL_MS = 90_000;
/** Begins as a record of ours does. */
const UNREADABLE = '{"specversion":"1.0","type":"millrace/weather-validated","source":"cut o';
const ASSEMBLE = 'weather/assemble';

const stage = `e2e-${Date.now().toString(36)}`;
const files = tempFiles();

let built: DeployedWorld | undefined;
const world = (): DeployedWorld => {
  if (built === undefined) throw new Error('the pipeline was not deployed');
  return built;
};

beforeAll(async () => {
  built = await deployWorld(stage, files);
});

afterAll(async () => {
  await built?.mailbox.close();
  await script('destroy', '-c', 'pipeline=weather', '-c', `stage=${stage}`, '--yes');
});

// LocalStack cannot deploy an HTTP API, and its schedules never fire.
const isMissing = await isLocalstack(process.env['AWS_ENDPOINT_URL'] ?? '');
const testOfApi = isMissing ? test.skip : test;
const testOfSchedule = isMissing ? test.skip : test;

// The tests of this file are one story, told in this order.
describe('the deployed weather pipeline', () => {
  let outcome: Outcome | undefined;

  test('is given its station list and its rules by commands', async () => {
    const { type, sample } = world();
    const { stations, countries, states, rules } = sample.lists;
    const lists = ['--stations', stations, '--countries', countries, '--states', states];
    expect(await type('load', 'weather', ...lists)).toMatchObject({ code: 0 });
    expect(await type('load', 'weather', '--rules', rules)).toMatchObject({ code: 0 });
  });

  test('takes every line that a producer puts in, and its books are those of the embedded run', async () => {
    const { produce, sample, deployed, embedded, mailbox } = world();
    for (const part of sample.parts.keys()) expect(await produce(part)).toMatchObject({ code: 0 });
    outcome = await deployed.settled(embedded.open, mailbox);
    expect(outcome.books).toEqual(embedded.open.books);
  });

  test('fills the same tables', () => {
    expect(outcome?.tables).toEqual(world().embedded.open.tables);
  });

  test('writes the same observations, alerts, late lines and errors, each location in its order', () => {
    expect(outcome?.streams).toEqual(world().embedded.open.streams);
  });

  test('mails the same lines to the same people, and nothing was put aside', async () => {
    const { embedded, mailbox } = world();
    const { mail, deadLetters } = embedded.open;
    expect(outcome).toMatchObject({ mail, deadLetters });
    const about = new Set((await mailbox.collect()).map(({ notification }) => notification));
    expect(about).toEqual(new Set(['weather-mail']));
  });

  test('a producer that is started again puts nothing in twice', async () => {
    const { produce, deployed, sample } = world();
    expect(await produce(sample.parts.length - 1)).toMatchObject({ code: 0 });
    expect(await deployed.values(rawLines)).toHaveLength(sample.lines.length);
  });

  testOfSchedule(
    'a location that has been silent is closed by the schedule, and then both runs are the same to the end',
    async () => {
      const { deployed, embedded, mailbox } = world();
      const { state } = deployed;
      const lanes = (await state.progress(ASSEMBLE, embedded.locations)).filter(({ version }) => version > 0);
      // As if their last line had come 16 minutes ago: 15 are silence.
      const aged = lanes.map((lane) => ({ ...lane, activeAtMs: lane.activeAtMs - 16 * MINUTE_MS }));
      expect(new Set(await state.advance(aged))).toEqual(new Set(['written']));
      outcome = await deployed.settled(embedded.closed, mailbox);
      expect(outcome).toEqual(embedded.closed);
      expect((await deployed.metrics(ASSEMBLE)).sweeps).toBeGreaterThan(0);
    },
  );

  testOfApi('gives the rows of a table one by one, and page by page all of them', async () => {
    const { ask } = world();
    const rows = Object.entries(outcome?.tables[daily.name] ?? {});
    const [first] = rows;
    const [location = ''] = first?.[0].split('/', 1) ?? [];
    expect(await ask('GET', `/tables/${daily.name}/${encodeURIComponent(first?.[0] ?? '')}`)).toEqual({
      status: 200,
      body: { key: first?.[0], value: first?.[1] },
    });
    const range = `/tables/${daily.name}?from=${location}/&to=${location}0&limit=7`;
    expect(await allPages(ask, range)).toEqual(
      rows.filter(([key]) => key.startsWith(`${location}/`)).map(([key, value]) => ({ key, value })),
    );
    expect(await ask('GET', `/tables/${daily.name}/nowhere`)).toMatchObject({ status: 404 });
  });

  testOfApi('finds the alerts of a location from a day on', async () => {
    const { ask } = world();
    const known = Object.entries(outcome?.tables[alertLogTable.name] ?? {});
    const [location = '', day = ''] = known.at(-1)?.[0].split('/') ?? [];
    const found = await allPages(ask, `/alerts?location=${location}&from=${day}&limit=3`);
    expect(found.length).toBeGreaterThan(0);
    expect(found).toEqual(
      known
        .filter(([key]) => key.startsWith(`${location}/`) && key >= `${location}/${day}`)
        .map(([key, value]) => ({ key, value })),
    );
  });

  testOfApi('takes a rule, shows it, lets it go, and refuses one that is none', async () => {
    const { ask } = world();
    const rule = { email: 'a@example.org', element: 'TMIN', op: '<=', threshold: -5, mode: 'every' };
    expect(await ask('PUT', '/rules/cold-night', rule)).toMatchObject({ status: 200 });
    expect(await ask('GET', '/rules/cold-night')).toMatchObject({
      status: 200,
      body: { value: { ...rule, id: 'cold-night' } },
    });
    expect(await ask('PUT', '/rules/cold-night', { ...rule, op: '=' })).toMatchObject({ status: 400 });
    expect((await ask('DELETE', '/rules/cold-night')).status).toBeLessThan(300);
    expect(await ask('GET', '/rules/cold-night')).toMatchObject({ status: 404 });
  });

  test('shows what is in a stream by a command', async () => {
    const { stdout, code } = await world().type(
      'tail',
      'weather',
      alerts.name,
      '--from',
      'start',
      '--limit',
      '5',
      '--json',
    );
    const shown = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    const values = Object.values(outcome?.streams[alerts.name] ?? {}).flat();
    expect(code).toBe(0);
    expect(shown).toHaveLength(5);
    for (const one of shown) expect(values).toContain(JSON.stringify(fieldOf(one, 'value')));
  });

  test('says by a command that all is well', async () => {
    const { stdout, code } = await world().type('status', 'weather', '--json');
    const processors = weather().processors.map(({ id }) => ({ id, held: [], deadLetters: 0 }));
    expect(JSON.parse(stdout)).toMatchObject({ processors, alarms: [], problems: [] });
    expect(code).toBe(0);
  });

  test('keeps a record that cannot be read as a dead letter, and takes what follows it', async () => {
    const { deployed, sample, embedded } = world();
    const { clients, deployment } = deployed;
    const [location = ''] = embedded.locations;
    const put = async (stream: string, text: string): Promise<void> => {
      const record = { StreamName: deployed.streamName(stream), PartitionKey: location, Data: Buffer.from(text) };
      await clients.kinesis().send(new PutRecordCommand(record));
    };
    const before = (await deployed.metrics(ASSEMBLE)).books;
    await put(validatedLines.name, UNREADABLE);
    // The first line of all, and of that location: its day is closed.
    await put(rawLines.name, sample.lines[0] ?? '');
    await until('put aside, then late', STILL_MS, async () => {
      const { books } = await deployed.metrics(ASSEMBLE);
      const [aside, late] = [books.deadLettered - before.deadLettered, books.late - before.late];
      return aside >= 1 && late >= 1
        ? { kind: 'done', value: undefined }
        : { kind: 'under way', progress: `${String(aside)}, ${String(late)}` };
    });
    expect(await letterKeys(clients.s3(), deployment.one('deadLetterBucket'))).toEqual([
      expect.stringMatching(/^letters\/weather~assemble\/[0-9a-f]{40}\.json$/u),
    ]);
  });

  test('says by commands that there is a dead letter, what is in it, and that it cannot be redriven', async () => {
    const { type } = world();
    expect(await type('status', 'weather')).toMatchObject({ code: 1 });
    const listed = await type('dead-letters', 'list', 'weather', '--json');
    expect(listed.code).toBe(0);
    const letter: unknown = JSON.parse(listed.stdout);
    expect(letter).toMatchObject({ processor: ASSEMBLE, reason: 'undecodable' });
    const shown = await type('dead-letters', 'show', 'weather', String(fieldOf(letter, 'id')));
    expect(JSON.parse(shown.stdout)).toMatchObject({ payloadText: UNREADABLE, redrive: [{ kind: 'impossible' }] });
    expect((await type('dead-letters', 'redrive', 'weather', '--all')).stdout).toContain('impossible');
  });

  test('goes without a trace', async () => {
    const { deployed } = world();
    await script('destroy', '-c', 'pipeline=weather', '-c', `stage=${stage}`, '--yes');
    const { code, stderr } = await world().type('tail', 'weather', alerts.name);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(`no stack ${stackName('weather', stage)}`),
    });
    const gone = new DescribeStreamSummaryCommand({ StreamName: deployed.streamName(rawLines.name) });
    await expect(deployed.clients.kinesis().send(gone)).rejects.toThrow(ResourceNotFoundException);
  });
});
