import { describe, expect, test } from '@jest/globals';
import { accessLog } from '../../../functions/weblog/demo.ts';
import {
  alerts,
  invalidLines,
  lateRequests,
  rawLines,
  traffic,
  type Alert,
  type Traffic,
} from '../../../functions/weblog/streams.ts';
import { topPages, type TopPages } from '../../../functions/weblog/tables.ts';
import { weblog } from '../../../functions/weblog/topology.ts';
import { missing, type Processor, type Stream } from '../../../shared/index.ts';
import {
  crash,
  duplicateDelivery,
  reshard,
  zombie,
  type InputFault,
  testDriver,
  type TestDriver,
  type TestDriverOptions,
} from '../../../shared/testing.ts';
import { describeWithData } from '../../support/real-data.ts';
import { textOfFile } from '../../support/weather-run.ts';
import { comparableUrl, independentTotals } from './independent-log.ts';

const processorOf = (id: string): Processor => {
  const found = weblog().processors.find((one) => one.id === id);
  if (found === undefined) throw new RangeError(`no processor '${id}'`);
  return found;
};

/** A line of a minute and second of a day. */
const at = (time: string, url: string, status = 200, bytes = 10): string =>
  `10.0.0.1 - - [17/May/2015:${time} +0000] "GET ${url} HTTP/1.1" ${String(status)} ${String(bytes)} "-" "curl/8"`;

const run = async (
  lines: readonly (string | InputFault)[],
  { stream = rawLines, ...options }: TestDriverOptions & { readonly stream?: Stream<string> } = {},
): Promise<TestDriver> => {
  const driver = testDriver(weblog(), options);
  await driver.stream(stream).pipe(...lines);
  await driver.end();
  for (const processor of weblog().processors) expect(missing(driver.books(processor))).toBe(0);
  return driver;
};

/** Everything that leaves the pipeline, in an order that does not hang on shards. */
const outcomeOf = async (driver: TestDriver): Promise<unknown> => ({
  ...totalsOf(driver.stream(traffic).read(), driver.stream(alerts).read(), await driver.table(topPages)),
  late: driver.stream(lateRequests).read().length,
  invalid: driver
    .stream(invalidLines)
    .read()
    .map(({ reason, line }) => `${reason} ${line}`)
    .sort(),
  letters: driver.deadLetters().length,
});

const totalsOf = (
  counted: readonly Traffic[],
  said: readonly Alert[],
  rows: ReadonlyMap<string, TopPages>,
): Readonly<Record<string, unknown>> => ({
  requests: counted.reduce((sum, { requests }) => sum + requests, 0),
  traffic: new Map(
    counted.map(({ start, url, requests, bytes }) => [
      `${start} ${comparableUrl(url)}`,
      `${String(requests)} ${String(bytes)}`,
    ]),
  ),
  top: new Map(
    Array.from(rows, ([start, { pages }]) => [
      start,
      pages.map(({ requests, url }) => `${String(requests)} ${comparableUrl(url)}`),
    ]),
  ),
  alerts: said
    .map(({ error, url, kind, since, last, errors }) => `${error} ${url} ${kind} ${since} ${last} ${String(errors)}`)
    .sort(),
});

const settings: readonly (readonly [string, TestDriverOptions])[] = [
  [
    'a new environment for each batch of 100, 4 shards',
    { environments: 'new', shards: 4, mapping: { batchSize: 500 } },
  ],
  [
    'a warm environment, batches of 10,000, 1 shard',
    { environments: 'warm', shards: 1, mapping: { batchSize: 10_000 } },
  ],
];

const FILES = ['logs/nasa_19950801-first8h.tsv.gz', 'logs/apache_logs-2015-05-17_19.log.gz'];

describeWithData('real logs have the totals of an independent computation', FILES, (...paths) => {
  describe.each(paths.map((path) => [path.split('/').at(-1) ?? path, path] as const))('%s', (_name, path) => {
    const lines = textOfFile(path).trimEnd().split('\n');
    const { alerts: said, ...expected } = independentTotals(lines.filter((line) => !line.startsWith('host\t')));

    test.each(settings)('%s', async (_setting, options) => {
      const outcome = await outcomeOf(await run(lines, options));
      expect(outcome).toEqual({ ...expected, alerts: [...said].sort(), late: 0, invalid: [], letters: 0 });
    });
  });

  test('traffic and top pages do not hang on how a producer partitions the lines', async () => {
    const lines = textOfFile(paths[1] ?? '')
      .trimEnd()
      .split('\n');
    const { requests, traffic: counted, top } = independentTotals(lines);
    const byHost = { ...rawLines, partitionKey: (line: string) => line.slice(0, line.indexOf(' ')) };
    const outcome = await outcomeOf(await run(lines, { stream: byHost, environments: 'warm' }));
    expect(outcome).toMatchObject({ requests, traffic: counted, top, late: 0, letters: 0 });
  });
});

describe('a generated log', () => {
  const log = accessLog({ seed: 7 });
  const lines = Array.from({ length: 48 }, (_, minute) => log.linesOfMinute(minute)).flat();
  const year = /[/](\d{4}):/u;
  const isGood = (line: string): boolean =>
    line.includes('"GET ') && line.split('"').length === 7 && year.exec(line)?.[1] !== '2099';
  const { alerts: said, ...expected } = independentTotals(lines.filter(isGood));

  test.each(settings)('has the totals of an independent computation, dirt left out: %s', async (_setting, options) => {
    const driver = await run(lines, options);
    const refused = driver.stream(invalidLines).read();
    expect(await outcomeOf(driver)).toMatchObject({ ...expected, alerts: [...said].sort(), late: 0, letters: 0 });
    expect(refused).toHaveLength(lines.filter((line) => !isGood(line)).length);
    expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set(['cut-off', 'time-ahead', 'bad-request']));
  });

  test('has an episode of each kind an hour, of which each alerts and is resolved once', () => {
    expect(said.map((one) => one.split(' ').slice(0, 3).join(' '))).toEqual([
      '404 /images/old-logo.png alert',
      '404 /images/old-logo.png resolved',
      '5xx /api/cart alert',
      '5xx /api/cart resolved',
    ]);
  });

  const faults: readonly (readonly [string, InputFault])[] = [
    ['a crash between emission and commit', crash(processorOf('weblog/traffic'), 'write')],
    ['a crash in the middle of a commit', crash(processorOf('weblog/site-top'), 'write', 0.5)],
    ['a crash in the middle of an emission', crash(processorOf('weblog/parse'), 'put', 0.5)],
    ['a batch that is delivered twice', duplicateDelivery(processorOf('weblog/watch'))],
    ['a zombie', zombie(processorOf('weblog/bucket-top'), 'write')],
    ['a reshard', reshard(rawLines)],
  ];
  // Minutes 9 to 23 have an episode, and windows that close on the way.
  const some = lines.slice(9 * 120, 23 * 120).filter((_line, index) => index % 3 === 0);
  const undisturbed = run(some).then(outcomeOf);
  test.each(faults)('has the same outcome with %s', async (_name, fault) => {
    const middle = some.length / 2;
    const faulty = await run([...some.slice(0, middle), fault, ...some.slice(middle), fault]);
    expect(await outcomeOf(faulty)).toEqual(await undisturbed);
  });
});

test('dirt costs no other line its place, and each piece has its reason', async () => {
  const driver = testDriver(weblog());
  const good = at('10:00:00', '/a');
  const dirt: readonly (readonly [reason: string, line: string])[] = [
    ['cut-off', good.slice(0, 60)],
    ['not-a-log-line', '\u0000\u0001\u0002'],
    ['too-long', `${good.slice(0, -1)}${'x'.repeat(500_000)}"`],
    ['bad-time', good.replace('2015', '1900')],
    ['time-ahead', good.replace('2015', '2099')],
    ['bad-request', good.replace('GET', '-')],
    ['not-a-log-line', JSON.stringify({ specversion: '1.0', id: '1', source: 'weblog-raw@00', data: good })],
  ];
  const raw = driver.stream(rawLines);
  for (const [, line] of dirt) await raw.pipeBytes('17', good, line);
  const utf16 = Buffer.from(`\ufeff${good}`, 'utf16le');
  await raw.pipeBytes('17', utf16, Buffer.from(good.replace('curl', 'møb'), 'latin1'));
  await driver.end();
  expect(driver.stream(invalidLines).read()).toEqual(
    dirt.map(([reason, line]) => ({ reason, line: line.slice(0, 1_000) })),
  );
  expect(driver.deadLetters().map(({ error }) => error)).toEqual([
    expect.stringMatching(/not UTF-8.*UTF-16/u),
    expect.stringMatching(/not UTF-8.*Latin-1/u),
  ]);
  expect(driver.stream(traffic).read()).toEqual([
    { url: '/a', start: '2015-05-17T10:00:00.000Z', requests: dirt.length, bytes: 10 * dirt.length },
  ]);
});

test('a request that comes after its five minutes and the grace is late, and in no total', async () => {
  const driver = await run([
    at('10:00:00', '/a'),
    at('10:09:59', '/a'),
    at('10:04:59', '/a'),
    at('10:10:00', '/a'),
    at('10:04:58', '/a'),
  ]);
  expect(driver.stream(lateRequests).read()).toMatchObject([{ timeMs: Date.UTC(2015, 4, 17, 10, 4, 58) }]);
  expect(
    driver
      .stream(traffic)
      .read()
      .map(({ requests }) => requests),
  ).toEqual([2, 1, 1]);
});

describe('an episode of errors', () => {
  const said = async (...lines: readonly string[]): Promise<readonly string[]> =>
    (await run(lines))
      .stream(alerts)
      .read()
      .map(({ kind, error, last, errors }) => `${kind} ${error} ${last.slice(11, 19)} ${String(errors)}`);

  test('of a server begins with its first error, and ends when there was none for five minutes', async () => {
    expect(
      await said(at('10:00:00', '/a', 500), at('10:05:00', '/a', 503), at('10:10:01', '/a', 502), at('10:20:00', '/a')),
    ).toEqual(['alert 5xx 10:00:00 1', 'resolved 5xx 10:05:00 2', 'alert 5xx 10:10:01 1', 'resolved 5xx 10:10:01 1']);
  });

  test('of a missing page begins with the fifth error in five minutes', async () => {
    const misses = ['10:00:00', '10:01:00', '10:02:00', '10:03:00', '10:05:01', '10:05:02'];
    expect(await said(...misses.slice(0, 5).map((time) => at(time, '/a', 404)))).toEqual([]);
    expect(await said(...misses.map((time) => at(time, '/a', 404)))).toEqual([
      'alert 404 10:05:02 5',
      'resolved 404 10:05:02 5',
    ]);
  });

  test('is its own for each URL and kind', async () => {
    expect(await said(at('10:00:00', '/a', 500), at('10:00:01', '/b', 500), at('10:00:02', '/a', 404))).toHaveLength(4);
  });

  test('is resolved by the clock where the site gets no request at all', async () => {
    const driver = testDriver(weblog(), { startMs: Date.UTC(2015, 4, 17, 10, 0, 1) });
    const said = driver.stream(alerts);
    await driver.stream(rawLines).pipe(at('10:00:00', '/a', 500));
    expect(said.read()).toMatchObject([{ kind: 'alert' }]);
    await driver.advance(16 * 60_000);
    expect(said.read()).toMatchObject([{ kind: 'resolved', errors: 1 }]);
  });
});
