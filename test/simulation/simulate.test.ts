import { describe, expect, test } from '@jest/globals';
import { simulate } from '../support/simulation-process.ts';
import { Tally } from './report.ts';
import { runSchedule } from './schedule.ts';

describe('a schedule', () => {
  test.each([2, 3, 4])('is the same whenever its seed is run: %i', async (seed) => {
    const [first, again] = [await runSchedule(seed), await runSchedule(seed)];
    expect(again).toEqual(first);
    expect(first.digest).toMatch(/^[0-9a-f]{16}$/);
  });

  test('is another one for another seed', async () => {
    const digests = await Promise.all([2, 4, 6].map(async (seed) => (await runSchedule(seed)).digest));
    expect(new Set(digests).size).toBe(3);
  });
});

describe('the command', () => {
  test('replays one seed, with all that happens in it', async () => {
    const { exitCode, output } = await simulate('--seed', '3');
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^seed 3: weather\na phase begins\n/);
    expect(output).toMatch(/failed: 0\n$/);
  });

  test.each([
    [['--seeds', 'many'], "--seeds must be a whole number from 0, got 'many'"],
    [['--sed', '4'], "Unknown option '--sed'"],
  ])('says what is wrong with %j and what it takes', async (args, message) => {
    const { exitCode, output } = await simulate(...args);
    expect(exitCode).toBe(2);
    expect(output).toContain(message);
    expect(output).toContain('npm run simulate -- --seeds 100000');
  });
});

describe('a failing schedule', () => {
  const result = { scenario: 'weather', digest: '', counts: [], repeats: 0, toldAgain: 0 };

  test('is reported with what differs and how to replay it', () => {
    const tally = new Tally();
    const said = tally.add({ ...result, seed: 42, lost: ['a record'], doubled: [], different: ['state of a key'] });
    expect(said).toBe(
      [
        'seed 42 (weather) differs from the fault-free run in 2 places:',
        '  lost: a record',
        '  different: state of a key',
        '  replay it: npm run simulate -- --seed 42',
      ].join('\n'),
    );
    expect(tally.failed).toBe(1);
  });

  test('that cannot be run to its end is one as well', () => {
    const tally = new Tally();
    expect(tally.addBroken(7, new Error('out of order'))).toMatch(
      /^seed 7 could not be run to its end: Error: out of order[^]*\n {2}replay it: npm run simulate -- --seed 7$/,
    );
    expect(tally.failed).toBe(1);
  });
});
