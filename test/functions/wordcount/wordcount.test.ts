import { describe, expect, test } from '@jest/globals';
import { count, countRecent, counts, lines, recent, split, wordcount } from '../../../functions/wordcount/topology.ts';
import { missing } from '../../../shared/index.ts';
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

/** Counts the short way: walks over the characters, and shares no pattern with the pipeline. */
const independentCounts = (text: string): ReadonlyMap<string, number> => {
  const found = new Map<string, number>();
  const characters = Array.from(`${text.toLowerCase()}\n`);
  const isLetter = (at: number): boolean => {
    const character = characters[at] ?? '';
    return character.toUpperCase() !== character || (character >= '0' && character <= '9');
  };
  let word = '';
  for (const [at, character] of characters.entries()) {
    const isApostrophe = character === '’' || character === "'";
    if (isLetter(at) || (isApostrophe && isLetter(at - 1) && isLetter(at + 1))) word += character;
    else if (word !== '') {
      found.set(word, (found.get(word) ?? 0) + 1);
      word = '';
    }
  }
  return found;
};

const run = async (text: readonly (string | InputFault)[], options: TestDriverOptions = {}): Promise<TestDriver> => {
  const driver = testDriver(wordcount, options);
  await driver.stream(lines).pipe(...text);
  await driver.end();
  for (const processor of wordcount.processors) expect(missing(driver.books(processor))).toBe(0);
  return driver;
};

/** Counts of the table, by word. */
const totalCounts = async (driver: TestDriver): Promise<ReadonlyMap<string, number>> =>
  new Map(
    Array.from(await driver.table(counts), ([key, { word, count: times }]) => [key === word ? word : 'wrong', times]),
  );

/** Counts of all windows, by word. */
const recentCounts = (driver: TestDriver): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const { word, count: some } of driver.stream(recent).read()) sums.set(word, (sums.get(word) ?? 0) + some);
  return sums;
};

const POEM = [
  'The mill goes round, the mill goes round,',
  '  the water falls, the corn is ground;',
  '',
  "and what the 'miller’s daughter' found",
  'the river keeps without a sound: 1,000 stones!',
];

describe('each word has its count', () => {
  test('in a text of any script, whatever its marks', async () => {
    const driver = await run([...POEM, 'ÉTÉ été 漢字 — …']);
    const table = await totalCounts(driver);
    expect([...table].filter(([, times]) => times > 1).sort()).toEqual([
      ['goes', 2],
      ['mill', 2],
      ['round', 2],
      ['the', 6],
      ['été', 2],
    ]);
    expect([table.get('miller’s'), table.get("daughter'"), table.get('daughter'), table.get('漢字')]).toEqual([
      1,
      undefined,
      1,
      1,
    ]);
    expect(driver.books(split)).toMatchObject({ in: 6, applied: 6, emitted: 33 });
  });

  test.each<readonly [string, InputFault]>([
    ['a crash in the middle of an emission', crash(split, 'put', 0.5)],
    ['a crash between emission and commit', crash(countRecent, 'write')],
    ['a crash in the middle of a commit', crash(count, 'write', 0.5)],
    ['a batch that is delivered twice', duplicateDelivery(count)],
    ['a zombie', zombie(count, 'write')],
    ['a reshard', reshard(lines)],
  ])('with %s', async (_name, fault) => {
    const driver = await run([...POEM, fault, ...POEM, fault, ...POEM]);
    const expected = independentCounts([...POEM, ...POEM, ...POEM].join('\n'));
    expect(await totalCounts(driver)).toEqual(expected);
    expect(recentCounts(driver)).toEqual(expected);
  });

  test('except one that is too long for a key: a dead letter, which costs no other word its place', async () => {
    const driver = await run(['before', `a ${'x'.repeat(600)} b`, 'after']);
    expect([...(await totalCounts(driver)).keys()].sort()).toEqual(['a', 'after', 'b', 'before']);
    expect(
      driver
        .deadLetters()
        .map(({ processor }) => processor)
        .sort(),
    ).toEqual(['wordcount/count', 'wordcount/recent']);
    expect(driver.deadLetters()[0]?.error).toMatch(/600/u);
  });

  test('where bytes are not text: a dead letter for the line', async () => {
    const driver = testDriver(wordcount);
    await driver.stream(lines).pipeBytes('00', 'good', Buffer.from('mølle', 'latin1'), 'good');
    await driver.end();
    expect(await totalCounts(driver)).toEqual(new Map([['good', 2]]));
    expect(driver.deadLetters()).toHaveLength(1);
  });
});

test('five seconds of a word are said once, when they are over', async () => {
  const driver = testDriver(wordcount);
  const [input, output] = [driver.stream(lines), driver.stream(recent)];
  const said: string[][] = [];
  for (let second = 0; second < 12; second += 1) {
    await input.pipe('tick tick', 'tock');
    await driver.advance(1_000);
    said.push(
      output
        .read()
        .map((one) => `${one.start.slice(17, 19)} ${one.word} ${String(one.count)}`)
        .sort(),
    );
  }
  expect(said.filter((one) => one.length > 0)).toEqual([
    ['00 tick 10', '00 tock 5'],
    ['05 tick 10', '05 tock 5'],
  ]);
});

describeWithData('Shakespeare', ['text/shakespeare.txt.gz'], (path) => {
  const text = textOfFile(path).split('\n').slice(0, 3_000);
  const expected = independentCounts(text.join('\n'));

  test.each<readonly [string, TestDriverOptions]>([
    ['a new environment for each batch of 1,000, 4 shards', { shards: 4, mapping: { batchSize: 1_000 } }],
    ['a warm environment, batches of 10,000, 1 shard', { environments: 'warm', shards: 1 }],
  ])('has the counts of an independent computation: %s', async (_name, options) => {
    const driver = await run(text, options);
    expect(await totalCounts(driver)).toEqual(expected);
    expect(recentCounts(driver)).toEqual(expected);
  });
});
