import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DatabaseSync } from 'node:sqlite';
import { MemoryLog } from '../../../../shared/runtime/local/log/memory-log.ts';
import type { PartitionedLog } from '../../../../shared/runtime/local/log/partitioned-log.ts';
import { SqliteLog } from '../../../../shared/runtime/local/log/sqlite-log.ts';
import type { InvocationBatch } from '../../../../shared/runtime/local/mapping/invocation.ts';
import { InvocationThrottledError } from '../../../../shared/runtime/local/mapping/invocation.ts';
import { MappingHarness, textOf } from '../../../support/mapping-harness.ts';
import type { HarnessOptions } from '../../../support/mapping-harness.ts';

/** What can happen to a stream and its mapping. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('put'), keys: fc.array(fc.nat({ max: 6 }), { maxLength: 12 }) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('advance'), forMs: fc.nat({ max: 90_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('split', 'merge'), at: fc.nat({ max: 10 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('restart', 'trim') }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const answer = fc.oneof(
  { weight: 4, arbitrary: fc.constant('success') },
  { weight: 2, arbitrary: fc.constantFrom('throw', 'throttle', 'malformed') },
  { weight: 3, arbitrary: fc.nat({ max: 12 }) },
);
type AnswerKind = string | number;

const options: fc.Arbitrary<HarnessOptions> = fc.record({
  batchSize: fc.integer({ min: 1, max: 6 }),
  maximumBatchingWindowSeconds: fc.constantFrom(0, 0, 1, 30),
  parallelizationFactor: fc.integer({ min: 1, max: 4 }),
  reportBatchItemFailures: fc.boolean(),
  bisectBatchOnFunctionError: fc.boolean(),
  maximumRetryAttempts: fc.constantFrom(-1, 0, 1, 3),
  reading: fc.constantFrom('kind', 'unkind'),
  maximumRecordAgeInSeconds: fc.constantFrom(-1, -1, 60),
  tumblingWindowInSeconds: fc.constantFrom(0, 0, 0, 30),
  filterCriteria: fc.constantFrom(
    { filters: [{ pattern: '{"data":{"n":[{"numeric":[">=",0]}]}}' }] },
    { filters: [{ pattern: '{"data":{"even":[true]}}' }] },
  ),
});

const isSequence = (numbers: readonly number[], from: readonly number[]): boolean =>
  numbers.every((number, index) => number === from[index]);

/** Runs the steps and keeps, of every key, the records that are still to come; says what went wrong. */
class Oracle {
  readonly harness: MappingHarness;
  readonly problems: string[] = [];
  readonly #answers: readonly AnswerKind[];
  /** Numbers of the records of each key that pass the filter and are not done, in order. */
  readonly #toCome = new Map<string, number[]>();
  readonly #onlyEven: boolean;
  #put = 0;
  #answered = 0;

  constructor(log: PartitionedLog, given: HarnessOptions, answers: readonly AnswerKind[]) {
    this.#answers = answers;
    this.#onlyEven = given.filterCriteria?.filters[0]?.pattern.includes('even') ?? false;
    const onFailure = { kind: 's3', put: (_key: string, document: string) => this.#discarded(document) } as const;
    this.harness = new MappingHarness((batch) => this.#respond(batch), { ...given, onFailure }, log, 2);
  }

  get remaining(): number {
    return [...this.#toCome.values()].reduce((sum, { length }) => sum + length, 0);
  }

  async take(steps: readonly Step[]): Promise<void> {
    for (const one of steps) {
      if ('keys' in one) this.#putAll(one.keys);
      else if ('forMs' in one) await this.harness.advance(one.forMs);
      else if (one.kind === 'restart') this.harness.restart();
      else if (one.kind === 'trim') this.#trim();
      else if ('at' in one) this.#reshard(one.kind, one.at);
    }
    this.#answered = Number.NEGATIVE_INFINITY;
    await this.harness.advance(3_600_000);
  }

  #putAll(keys: readonly number[]): void {
    const entries = keys.map((key) => {
      const n = this.#put++;
      const partitionKey = `k${String(key)}`;
      if (!this.#onlyEven || n % 2 === 0) {
        this.#toCome.set(partitionKey, [...(this.#toCome.get(partitionKey) ?? []), n]);
      }
      return { partitionKey, data: Buffer.from(JSON.stringify({ n, even: n % 2 === 0 })) };
    });
    this.harness.log.put('s', entries, this.harness.nowMs);
  }

  #trim(): void {
    for (const { shardId, throughSequenceNumber } of this.harness.mapping.trimHorizon()) {
      this.harness.log.trim('s', shardId, throughSequenceNumber);
    }
  }

  #reshard(kind: string, at: number): void {
    const { log } = this.harness;
    const open = log
      .shards('s')
      .filter(({ endingSequenceNumber }) => endingSequenceNumber === undefined)
      .sort((a, b) => (a.startingHashKey < b.startingHashKey ? -1 : 1));
    const one = open[at % open.length];
    const next = open[(at % open.length) + 1];
    if (kind === 'split' && one !== undefined) log.split('s', one.shardId);
    if (kind === 'merge' && one !== undefined && next !== undefined) log.merge('s', one.shardId, next.shardId);
  }

  #respond({ records, window }: InvocationBatch): unknown {
    const state = window === undefined ? {} : { state: {} };
    const numbers = records.map((record) => Number(/"n":(\d+)/.exec(textOf(record))?.[1]));
    for (const key of new Set(records.map(({ partitionKey }) => partitionKey))) {
      const ofKey = numbers.filter((_, index) => records[index]?.partitionKey === key);
      if (!isSequence(ofKey, this.#toCome.get(key) ?? [])) {
        this.problems.push(`${key}: got ${String(ofKey)}, to come ${String(this.#toCome.get(key))}`);
      }
    }
    const kind = this.#answered < 0 ? 'success' : (this.#answers[this.#answered++ % this.#answers.length] ?? 'success');
    if (kind === 'throw') throw new Error('as planned');
    if (kind === 'throttle') throw new InvocationThrottledError('as planned');
    const reporting = this.harness.options.reportBatchItemFailures === true;
    const failed = typeof kind === 'number' ? records[kind] : undefined;
    if (kind === 'malformed' && reporting) return { ...state, batchItemFailures: [{}] };
    const done = failed !== undefined && reporting && typeof kind === 'number' ? kind : records.length;
    records.slice(0, done).forEach(({ partitionKey }) => this.#toCome.get(partitionKey)?.shift());
    if (failed === undefined) return { ...state, batchItemFailures: [] };
    return { ...state, batchItemFailures: [{ itemIdentifier: failed.sequenceNumber }] };
  }

  #discarded(document: string): void {
    for (const [, key = '', data = ''] of document.matchAll(DISCARDED)) {
      const next = this.#toCome.get(key)?.shift();
      const text = Buffer.from(data, 'base64').toString();
      if (!text.startsWith(`{"n":${String(next)},`)) {
        this.problems.push(`${key}: discarded ${text}, to come ${String(next)}`);
      }
    }
  }
}

/** Key and base64 data of each record in the payload, which is JSON inside of JSON. */
const DISCARDED = /\\"partitionKey\\":\\"(k\d+)\\".*?\\"data\\":\\"([^"\\]+)\\"/g;

const scenario = [
  options,
  fc.array(step, { maxLength: 30 }),
  fc.array(answer, { minLength: 1, maxLength: 30 }),
] as const;

describe('whatever fails, whenever it is resharded, trimmed or restarted', () => {
  test('each key comes in order without a gap, and each record is done, discarded or filtered, once', async () => {
    await fc.assert(
      fc.asyncProperty(...scenario, async (given, steps, answers) => {
        const oracle = new Oracle(new MemoryLog(), given, answers);
        await oracle.take(steps);
        expect(oracle.problems).toEqual([]);
        expect([oracle.remaining, oracle.harness.mapping.lag()]).toEqual([0, 0]);
      }),
      { numRuns: 400 },
    );
  });

  test('the same log and calls give the same invocations, on SQLite as in memory', async () => {
    await fc.assert(
      fc.asyncProperty(...scenario, async (given, steps, answers) => {
        const [first, second] = [new MemoryLog(), new SqliteLog(new DatabaseSync(':memory:'))].map(
          (log) => new Oracle(log, given, answers),
        );
        await first?.take(steps);
        await second?.take(steps);
        expect(second?.harness.calls).toEqual(first?.harness.calls);
      }),
      { numRuns: 40 },
    );
  });
});
