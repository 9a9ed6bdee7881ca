import { randomBytes } from 'node:crypto';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fieldOf } from '../../../shared/runtime/field-of.ts';
import { packed } from '../../../shared/codec/packed.ts';
import type { DeadLetter } from '../../../shared/engine/dead-letter.ts';
import { awsClients } from '../../../shared/aws/clients.ts';
import { deadLetterKey } from '../../../shared/sink/dead-letter-objects.ts';
import { putInOrder } from '../../../shared/sink/put-in-order.ts';
import { dynamoStore } from '../../../shared/state/dynamodb/dynamo-store.ts';
import { servingTable } from '../../../shared/state/dynamodb/serving-table.ts';
import { sealer } from '../../../shared/stream/envelope.ts';
import { heldPartitions } from '../../../cli/aws/status/held-partitions.ts';
import { retryUntil } from '../../../cli/aws/calls.ts';
import { tempFiles } from '../../source/temp-files.ts';
import { madeWeather } from '../../cli/support/made-weather.ts';
import { millrace, millraceUntil, type Ended } from '../../cli/support/millrace.ts';
import { fakeStack, type FakeStack } from './fake-stack.ts';
import { streamContent } from './stream-content.ts';

const files = tempFiles();
const { lists } = madeWeather(files, { stations: 30, days: 1 });
const clients = awsClients();

let stack: FakeStack;
beforeAll(async () => {
  stack = await fakeStack(`t${randomBytes(5).toString('hex')}`);
}, 120_000);
afterAll(() => stack.remove());

const output = (name: string): string => stack.outputs[name] ?? '';
const run = (...args: readonly string[]): Promise<Ended> =>
  millrace([...args, '--target', 'local', '--stage', stack.stage]);

const UNCHECKED =
  'millrace: these rows are not checked against those of weather-rules; to have that done, name the files of all tables\n';

describe('load', () => {
  test('stations are in their table, and loading them again changes nothing', async () => {
    const table = servingTable(clients.dynamodb(), output('TableWeatherStations'));
    for (let times = 0; times < 2; times += 1) {
      const { code, out, err } = await run('load', 'weather', ...lists.slice(0, 6));
      expect([code, out]).toEqual([0, expect.stringMatching(/^weather-stations: 30 rows are in /)]);
      expect(err).toBe(UNCHECKED);
    }
    const { rows } = await table.page({ limit: 1000 });
    expect(rows).toHaveLength(30);
    expect(await table.row(rows[0]?.key ?? '')).toMatchObject({ id: rows[0]?.key, country_code: expect.any(String) });
  });

  test('rules that are not given any more stay, unless they are to be replaced', async () => {
    const table = servingTable(clients.dynamodb(), output('TableWeatherRules'));
    const rule = (id: string): object => ({
      ...{ id, email: 'a@example.org', element: 'TMIN', op: '<=', threshold: 0, mode: 'every' },
    });
    const keys = async (): Promise<readonly string[]> => (await table.page({ limit: 100 })).rows.map(({ key }) => key);
    await run('load', 'weather', '--rules', files.write(JSON.stringify([rule('a'), rule('b')])));
    await run('load', 'weather', '--rules', files.write(JSON.stringify([rule('c')])));
    expect(await keys()).toEqual(['a', 'b', 'c']);
    const { out } = await run('load', 'weather', '--rules', files.write(JSON.stringify([rule('b')])), '--replace');
    expect(out).toMatch(/^weather-rules: 1 rows are in .*, 2 that were not given are gone\n$/);
    expect(await keys()).toEqual(['b']);
  });
});

describe('tail', () => {
  const seal = sealer('weather-alerts', 'weather-raw@US-AZ;weather/validate');
  const put = (key: string, ...values: readonly string[]): Promise<unknown> =>
    putInOrder(
      { ...retryUntil(10_000), client: clients.kinesis(), streamName: output('StreamWeatherAlerts') },
      packed(
        key,
        values.map((value, index) => seal(`01${String(index)}`, 0, `"data":{"value":"${value}"}`)),
      ),
    );

  test('from the start it shows what there is, opened, each key in order', async () => {
    await put('US-AZ', 'one', 'two', 'three');
    await put('US-CA', 'four');
    const { code, out } = await run('tail', 'weather', 'weather-alerts', '--from', 'start', '--limit', '4');
    const lines = out.trimEnd().split('\n');
    expect(code).toBe(0);
    expect(lines.filter((line) => line.includes('US-AZ'))).toEqual(
      ['one', 'two', 'three'].map((value) => `1970-01-01T00:00:00.000Z  US-AZ  {"value":"${value}"}`),
    );
    expect(lines).toHaveLength(4);
    const asJson = await run('tail', 'weather', 'weather-alerts', '--from', '2020-01-01', '--limit', '1', '--json');
    expect(JSON.parse(asJson.out)).toMatchObject({
      lane: 'weather-raw@US-AZ;weather/validate',
      value: { value: expect.any(String) },
    });
  });

  test('from now it waits for what comes, until Ctrl-C', async () => {
    const tailing = millraceUntil(
      ['tail', 'weather', 'weather-alerts', '--target', 'local', '--stage', stack.stage],
      'SIGINT',
      20_000,
    );
    // Nothing says when it has begun to wait, so one after the other comes until it has seen some.
    for (let count = 0; count < 15; count += 1) {
      await put('US-AZ', `news ${String(count)}`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    const { code, out, err } = await tailing;
    expect([code, err]).toEqual([0, '']);
    const lines = out.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('1970-01-01T00:00:00.000Z  US-AZ  {"value":"news 14"}');
    expect(lines.length).toBeLessThan(15);
  });

  test('a stream that is not in the topology is refused, with those that are named', async () => {
    const { code, err } = await run('tail', 'weather', 'alerts');
    expect([code, err]).toEqual([2, expect.stringMatching(/no stream 'alerts'; streams are weather-raw, /)]);
  });
});

const idIn = (line: string): string => {
  const letter: unknown = JSON.parse(line);
  return String(fieldOf(letter, 'id'));
};
const letterOf = (value: string, position: string): DeadLetter => ({
  processor: 'weather/assemble',
  stream: 'weather-validated',
  partitionKey: 'US-AZ',
  sequenceNumber: '7',
  lane: 'weather-raw@US-AZ;weather/validate',
  position,
  payload: Buffer.from(
    sealer('weather-validated', 'weather-raw@US-AZ;weather/validate')(position, 0, `"data":${JSON.stringify(value)}`),
  ).toString('base64'),
  reason: 'step-failed',
  error: 'it broke',
});
const LINE = 'USC00028815,20160101,TMAX,144,,,7,';
/** A window is an item of its own: key, start and end. */
const JAN_1_OF_STATION = `USC00028815@${Date.UTC(2016, 0, 1)}/${Date.UTC(2016, 0, 2)}`;

describe('dead letters', () => {
  const keep = (letter: DeadLetter): Promise<unknown> =>
    clients.s3().send(
      new PutObjectCommand({
        Bucket: output('DeadLetterBucket'),
        Key: deadLetterKey(letter),
        Body: JSON.stringify(letter),
      }),
    );

  test('they are listed, shown, asked for at the ledger, and put again once it is said so', async () => {
    const [done, fresh] = [letterOf(LINE, '011'), letterOf(LINE.replace('TMAX', 'TMIN'), '015')];
    expect((await run('dead-letters', 'list', 'weather')).out).toBe('No dead letters.\n');
    await keep(done);
    await keep(fresh);
    const store = dynamoStore({
      ...retryUntil(10_000),
      client: clients.dynamodb(),
      stateTable: output('StateTable'),
      tables: {},
      forgetAfterMs: Infinity,
    });
    await store.write([
      {
        ...{ collection: 'weather/assemble', partitionKey: 'US-AZ', key: JAN_1_OF_STATION },
        ...{ expected: 0, state: '{"open":[]}', ledger: { [done.lane]: '013' }, timerMs: undefined, writtenAtMs: 0 },
      },
    ]);

    const listed = await run('dead-letters', 'list', 'weather', '--json');
    const ids = listed.out
      .trimEnd()
      .split('\n')
      .map((line) => idIn(line));
    expect(ids).toHaveLength(2);
    expect((await run('dead-letters', 'list', 'weather')).out).toContain('weather/assemble');
    const shown = await run('dead-letters', 'show', 'weather', ids[0]?.slice(0, 8) ?? '');
    expect(JSON.parse(shown.out)).toMatchObject({
      id: ids[0],
      error: 'it broke',
      redrive: [{ kind: expect.any(String) }],
    });

    const dry = await run('dead-letters', 'redrive', 'weather', '--all');
    expect(dry.out).toMatch(/superseded .*gone on past it.*\n.* apply .*has not come so far|apply .*\n.*superseded /);
    expect(dry.out).toMatch(/Nothing was done: --yes puts 1 record again/);
    expect(await streamContent(output('StreamWeatherValidated'))).toEqual(new Map());

    const redriven = await run('dead-letters', 'redrive', 'weather', '--all', '--yes');
    expect(redriven.out).toMatch(/1 record was put again; 1 letter is in redriven\/ now/);
    const content = await streamContent(output('StreamWeatherValidated'));
    expect(content.get('US-AZ')).toEqual([
      expect.stringMatching(/"source":"weather-raw@US-AZ;weather\/validate","id":"015",.*TMIN,144/),
    ]);
    expect((await run('dead-letters', 'list', 'weather', '--json')).out.trimEnd().split('\n')).toHaveLength(1);
  });

  test('what a mapping gave up is listed by record, and not any more once it is redriven', async () => {
    const uuid = output('MappingWeatherValidate');
    const event = (sequenceNumber: string, line: string): object => ({
      eventID: `shardId-000000000000:${sequenceNumber}`,
      eventSourceARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${output('RawStream')}`,
      kinesis: { partitionKey: 'US-AZ', sequenceNumber, data: Buffer.from(line).toString('base64') },
    });
    await clients.s3().send(
      new PutObjectCommand({
        Bucket: output('DeadLetterBucket'),
        Key: `aws/lambda/${uuid}/shardId-000000000000/2026/01/01/2026-01-01T00.00.00-x`,
        Body: JSON.stringify({
          requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 11 },
          payload: JSON.stringify({ Records: [event('1', LINE), event('2', LINE)] }),
        }),
      }),
    );
    const processor = ['--processor', 'weather/validate'];
    const listed = await run('dead-letters', 'list', 'weather', '--json', ...processor);
    const [first = ''] = listed.out.split('\n').map((line) => (line === '' ? '' : idIn(line)));
    expect(listed.out.trimEnd().split('\n')).toHaveLength(2);
    const refused = await run('dead-letters', 'redrive', 'weather', first, '--yes');
    expect(refused.out).toMatch(
      /weather\/validate .* may repeat .*\n(?:.*\n)*1 record stays where it is without --may-repeat/,
    );
    expect((await streamContent(output('RawStream'))).get('US-AZ')).toBeUndefined();
    const { out } = await run('dead-letters', 'redrive', 'weather', first, '--yes', '--may-repeat');
    expect(out).toMatch(/1 record was put again; 1 letter is in redriven/);
    expect((await streamContent(output('RawStream'))).get('US-AZ')).toEqual([LINE]);
    expect(
      (await run('dead-letters', 'list', 'weather', '--json', ...processor)).out.trimEnd().split('\n'),
    ).toHaveLength(1);
    await run('dead-letters', 'redrive', 'weather', '--all', '--yes', '--may-repeat', ...processor);
    expect((await run('dead-letters', 'list', 'weather', ...processor)).out).toBe('No dead letters.\n');
    const { KeyCount } = await clients
      .s3()
      .send(new ListObjectsV2Command({ Bucket: output('DeadLetterBucket'), Prefix: 'aws/lambda/' }));
    expect(KeyCount).toBe(0);
  });
});

test('status shows every processor, the watermarks and dead letters there are, and names what it could not find out', async () => {
  const store = dynamoStore({
    ...retryUntil(10_000),
    client: clients.dynamodb(),
    stateTable: output('StateTable'),
    tables: {},
    forgetAfterMs: Infinity,
  });
  const progress = { collection: 'weather/assemble', activeAtMs: Date.now(), version: 0 };
  await store.advance([
    { ...progress, partitionKey: 'US-AZ', watermarkMs: Date.UTC(2016, 0, 2) },
    { ...progress, partitionKey: 'US-CA', watermarkMs: Date.UTC(2016, 0, 5) },
  ]);
  const { code, out, err } = await run('status', 'weather');
  expect([code, err]).toEqual([1, '']);
  expect(out).toMatch(/weather\/assemble +unknown +unknown +unknown +unknown +2016-01-02 at US-AZ, of 2 keys +1\n/);
  expect(out).toContain('No alarm is in ALARM.');
  expect(out).toMatch(
    /Unknown\n(?: .*\n)* .*something of the deployment is gone .* while asking for the mapping of weather\/validate/,
  );
  expect(JSON.parse((await run('status', 'weather', '--json')).out)).toMatchObject({
    processors: expect.arrayContaining([expect.objectContaining({ id: 'weather/notify', deadLetters: 0 })]),
  });
});

test('held partitions are counted from the lines of a function, with the newest cause of each', async () => {
  const client = new CloudWatchLogsClient();
  const names = { logGroupName: `/millrace-test/${stack.stage}`, logStreamName: 'one' };
  const { logGroupName } = names;
  await client.send(new CreateLogGroupCommand({ logGroupName }));
  await client.send(new CreateLogStreamCommand(names));
  const now = Date.now();
  const line = (
    ms: number,
    lane: string,
    because: string,
  ): { readonly timestamp: number; readonly message: string } => ({
    timestamp: now + ms,
    message: JSON.stringify({ event: 'partition-held', partitionKey: lane, because }),
  });
  const logEvents = [
    line(-5000, 'US-AZ', 'the stream throttles'),
    line(-4000, 'US-CA', 'the stream throttles'),
    { timestamp: now - 3500, message: JSON.stringify({ event: 'batch-taken' }) },
    { timestamp: now - 3400, message: 'START RequestId' },
    line(-3000, 'US-AZ', 'a conflict'),
  ];
  await client.send(new PutLogEventsCommand({ ...names, logEvents }));
  expect(await heldPartitions(client, logGroupName, now - 60_000)).toEqual([
    { partitionKey: 'US-AZ', because: 'a conflict', times: 2, lastMs: now - 3000 },
    { partitionKey: 'US-CA', because: 'the stream throttles', times: 1, lastMs: now - 4000 },
  ]);
  await client.send(new DeleteLogGroupCommand({ logGroupName }));
});
