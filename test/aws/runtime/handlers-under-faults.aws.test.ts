import { describe, expect, test } from '@jest/globals';
import { missing } from '../../../shared/engine/books.ts';
import { SeededRandom } from '../../simulation/seeded-random.ts';
import { byItself } from '../../simulation/check/by-itself.ts';
import { compare } from '../../simulation/check/compare.ts';
import { cleanRun } from '../../simulation/clean-run.ts';
import type { Scenario } from '../../simulation/scenario/scenario.ts';
import { weatherScenario } from '../../simulation/scenario/weather-scenario.ts';
import { faultyRun } from './faulty-run.ts';

/*
 * The weather pipeline as it runs on AWS, but for the mapping and the process: a mapping simulator delivers to the handlers
 * that Lambda would call, which write to the Kinesis streams, tables, topic and bucket of an endpoint. What is in a Kinesis
 * stream is carried to the simulator's shards, in order, and delivered to the next processor. Processes die, stand still and
 * are called twice; calls of the SDK are throttled, lose their answer, and put only some of their records. At the end there
 * must be what an embedded run of the same input has, which nothing disturbs.
 */

const SEEDS = [2, 4, 6, 8, 10, 12];
/** A limit for runs that hang, not for runs that are slow on a busy machine. */
const MAX_RUN_MS = 300_000;

describe('the real handlers, on an endpoint that speaks AWS, under faults', () => {
  const total = new Map<string, number>();

  test.each(SEEDS)(
    'lose nothing and double nothing (seed %i)',
    async (seed) => {
      const scenarioOf = (): Scenario => weatherScenario(new SeededRandom(seed, 1));
      const clean = await cleanRun(scenarioOf());
      const scenario = scenarioOf();
      const { view, problems, faults, books } = await faultyRun(scenario, seed);
      for (const [what, times] of faults) total.set(what, (total.get(what) ?? 0) + times);
      const compared = compare(view, clean.view, { mixedStreams: scenario.mixedStreams, areOvertaken: true });
      const alone = byItself(view, scenario);
      expect({
        problems,
        lost: [...alone.lost, ...compared.lost],
        doubled: compared.doubled,
        different: [...clean.problems, ...alone.different, ...compared.different],
        unbalanced: books.filter((one) => missing(one) !== 0),
      }).toEqual({ problems: [], lost: [], doubled: [], different: [], unbalanced: [] });
      expect(books.length).toBeGreaterThan(0);
    },
    MAX_RUN_MS,
  );

  test('met every kind of fault', () => {
    for (const kind of [
      /^crash at/u,
      /^(refused|partial) at/u,
      /^zombie at/u,
      /^lost response$/u,
      /^duplicate delivery$/u,
      /^throttled invocation$/u,
      /^short time$/u,
      /^call throttled$/u,
      /^call answer-lost$/u,
      /^call partly-put$/u,
    ]) {
      expect([...total.keys()].filter((what) => kind.test(what))).not.toEqual([]);
    }
  });
});
