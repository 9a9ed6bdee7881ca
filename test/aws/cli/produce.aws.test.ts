import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fieldOf } from '../../../shared/runtime/field-of.ts';
import { lineLocator } from '../../../functions/weather/model/location.ts';
import { parseStationList } from '../../../functions/weather/model/station-list.ts';
import { tempFiles } from '../../source/temp-files.ts';
import { FIRST_POSITION } from '../../../shared/source/file-feed.ts';
import { madeWeather, newFolder } from '../../cli/support/made-weather.ts';
import { millrace, millraceUntil } from '../../cli/support/millrace.ts';
import { fakeStack, type FakeStack } from './fake-stack.ts';
import { streamContent } from './stream-content.ts';

const files = tempFiles();
const { input, lists, lines } = madeWeather(files, { stations: 40, days: 60 });
const stages: FakeStack[] = [];

const deploy = async (): Promise<FakeStack> => {
  const stack = await fakeStack(`t${randomBytes(5).toString('hex')}`);
  stages.push(stack);
  return stack;
};
const rawOf = (stack: FakeStack): string => stack.outputs['RawStream'] ?? '';

let expected: ReadonlyMap<string, readonly string[]>;
beforeAll(() => {
  const text = (option: string): { readonly file: string; readonly text: string } => {
    const file = lists[lists.indexOf(option) + 1] ?? '';
    return { file, text: readFileSync(file, 'utf8') };
  };
  const stations = parseStationList({
    stations: text('--stations'),
    countries: text('--countries'),
    states: text('--states'),
  });
  expected = Map.groupBy(lines, lineLocator(stations));
});
afterAll(async () => {
  await Promise.all(stages.map((stack) => stack.remove()));
});

const argsFor = ({ stage }: FakeStack, state: string, ...more: readonly string[]): readonly string[] => [
  ...['produce', 'weather', '--target', 'local', '--stage', stage, '--input', input, ...lists.slice(0, 6)],
  ...['--state', newFolder(files, state), ...more],
];

test('every line is in the stream once, each location in order, packed into few Kinesis records', async () => {
  const stack = await deploy();
  const { code, out, err } = await millrace(argsFor(stack, 'whole'));
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(new RegExp(`^weather-raw: ${lines.length.toLocaleString('en-GB')} lines of weather.csv are in `));
  expect(await streamContent(rawOf(stack))).toEqual(expected);

  const again = await millrace(argsFor(stack, 'whole'));
  expect([again.code, again.out, again.err]).toEqual([
    0,
    '',
    expect.stringMatching(/are in .* already, according to /),
  ]);
  expect(await streamContent(rawOf(stack))).toEqual(expected);
});

test('killed again and again and started again, every line is there once and each location is in order', async () => {
  const stack = await deploy();
  const args = argsFor(stack, 'killed', '--rate', '4000');
  let kills = 0;
  for (let afterMs = 1500; ; afterMs += 400) {
    const { code, signal } = await millraceUntil(args, 'SIGKILL', afterMs);
    if (signal === null) {
      expect(code).toBe(0);
      break;
    }
    kills += 1;
  }
  expect(kills).toBeGreaterThan(1);
  expect(await streamContent(rawOf(stack))).toEqual(expected);
}, 240_000);

test('stopped by Ctrl-C it says how far it is, and the same command goes on after that', async () => {
  const stack = await deploy();
  const args = argsFor(stack, 'stopped', '--rate', '4000');
  const stopped = await millraceUntil(args, 'SIGINT', 2500);
  expect(stopped.err).toMatch(/stopped after line [\d,]+; the same command goes on from there\n$/);
  expect(stopped.code).toBe(130);
  const { code, err } = await millrace(argsFor(stack, 'stopped'));
  expect([code, err]).toEqual([0, expect.stringMatching(/goes on after line [\d,]+, from .*position\.json\n/)]);
  expect(await streamContent(rawOf(stack))).toEqual(expected);
});

test('killed between writing and noting it, the producer finds in the stream what it has written, and writes the rest', async () => {
  const stack = await deploy();
  const state = newFolder(files, 'doubt');
  const half = files.write(
    lines
      .slice(0, 6000)
      .map((line) => `${line}\n`)
      .join(''),
    'half.csv',
  );
  const args = argsFor(stack, 'doubt').with(argsFor(stack, 'doubt').indexOf(input), half);
  await millrace(args);
  const [key = ''] = readdirSync(state);
  const path = join(state, key, 'position.json');
  const noted: unknown = JSON.parse(readFileSync(path, 'utf8'));
  expect(noted).toMatchObject({ finished: true, position: { records: 6000 }, of: { '--target': 'local' } });
  const run = String(fieldOf(noted, 'run'));
  const inDoubt = { records: 6000, fromMs: Date.now() - 60_000 };
  writeFileSync(path, JSON.stringify({ run, position: FIRST_POSITION, inDoubt, finished: false }));

  const { code, out, err } = await millrace(args);
  expect([code, out, err]).toEqual([
    0,
    expect.stringContaining('6,000 lines of half.csv are in'),
    expect.stringMatching(/goes on/),
  ]);
  const written = [...(await streamContent(rawOf(stack))).values()].flat();
  expect(written.sort()).toEqual(lines.slice(0, 6000).sort());
});

test('a stage that is not deployed is refused, with what to do', async () => {
  const { code, err } = await millrace(
    argsFor({ stage: 'nowhere', outputs: {}, remove: () => Promise.resolve() }, 'none'),
  );
  expect([code, err]).toEqual([
    2,
    expect.stringMatching(
      /^millrace: no stack millrace-weather-nowhere in \S+; deploy it with npm run deploy:local -- -c stage=nowhere, or check --stage/,
    ),
  ]);
});
