import { expect, test } from '@jest/globals';
import { isMappingSnapshot } from '../../../../shared/runtime/local/mapping/mapping-snapshot.ts';
import { entry } from '../../../support/log-records.ts';
import { inTurn, MappingHarness, reports, START_MS, throwsOn, type Answer } from '../../../support/mapping-harness.ts';

const FIRST = 'shardId-000000000000';

test('another process goes on after what is done', async () => {
  const harness = new MappingHarness(() => null, { batchSize: 2 });
  harness.put('k:1', 'k:2', 'k:3');
  await harness.settle();
  harness.restart();
  harness.put('k:4');
  await harness.settle();
  expect(harness.texts).toEqual([['k:1', 'k:2'], ['k:3'], ['k:4']]);
});

test('attempts, delays and halves survive the process', async () => {
  const options = { batchSize: 4, maximumRetryAttempts: 2, bisectBatchOnFunctionError: true };
  const whole = new MappingHarness(throwsOn('k:3'), options);
  const killed = new MappingHarness(throwsOn('k:3'), options);
  for (const harness of [whole, killed]) harness.put('k:1', 'k:2', 'k:3', 'k:4', 'k:5');
  await whole.advance(20_000);
  for (let second = 0; second < 20; second += 1) {
    killed.restart();
    await killed.mapping.poll(killed.nowMs);
    killed.restart();
    await killed.advance(1000);
  }
  expect(killed.calls).toEqual(whole.calls);
  expect(killed.documents).toEqual(whole.documents);
  expect(whole.documents).toHaveLength(1);
});

test('a batch in flight counts as not delivered', async () => {
  const harness: MappingHarness = new MappingHarness(
    inTurn(
      () => {
        const inFlight: unknown = JSON.parse(JSON.stringify(harness.mapping.snapshot()));
        expect(inFlight).toMatchObject({ shards: [{ slots: [{ pending: [{ failures: 0, invocations: 0 }] }] }] });
        harness.restart();
        throw new Error('the process is killed here');
      },
      () => null,
    ),
    { maximumRetryAttempts: 0 },
  );
  harness.put('k:1');
  await harness.settle();
  await harness.settle();
  expect([harness.texts, harness.mapping.lag()]).toEqual([[['k:1'], ['k:1']], 0]);
});

test('LATEST means the latest when the mapping was first made', async () => {
  const harness = new MappingHarness(() => null, { startingPosition: 'LATEST' });
  harness.put('k:1');
  harness.restart();
  await harness.settle();
  expect(harness.texts).toEqual([['k:1']]);
});

test('a drained shard stays drained, and its children wait no second time', async () => {
  const harness = new MappingHarness(() => null);
  harness.put('k:1');
  harness.log.split('s', FIRST);
  await harness.settle();
  harness.restart();
  harness.put('k:2');
  await harness.settle();
  expect([harness.texts, harness.kinds('drained').length]).toEqual([[['k:1'], ['k:2']], 1]);
});

test('under another parallelisation factor all units begin at the slowest one: repeated, but nothing lost', async () => {
  const harness = new MappingHarness(throwsOn('bad:1'), { parallelizationFactor: 10, batchSize: 1 });
  const others = Array.from({ length: 40 }, (_, index) => `k${String(index)}:1`);
  harness.put('k:0', 'bad:1', ...others);
  await harness.settle();
  const before = harness.calls.length;
  harness.answer = () => null;
  harness.restart({ parallelizationFactor: 3 });
  await harness.settle();
  const again = harness.texts.slice(before).flat();
  expect([...again].sort()).toEqual(expect.arrayContaining(['bad:1', ...others].sort()));
});

test.each([
  [null],
  [[]],
  [{}],
  [{ version: 2, isActive: true, shards: [] }],
  [{ version: 1, isActive: true, shards: [{ shardId: 's', isDrained: false }] }],
  [
    {
      version: 1,
      isActive: true,
      shards: [{ shardId: 's', isDrained: false, slots: [{ isSearching: 1, pending: [] }] }],
    },
  ],
])('%j is no snapshot', (value) => {
  expect(isMappingSnapshot(value)).toBe(false);
});

test('the log may forget what the slowest unit has done, and nothing more', async () => {
  const harness = new MappingHarness(reports('k:3'), { reportBatchItemFailures: true }, undefined, 2);
  expect(harness.mapping.trimHorizon()).toEqual([]);
  harness.put('k:1', 'k:2', 'k:3', 'k:4');
  await harness.settle();
  const [horizon, ...others] = harness.mapping.trimHorizon();
  expect(others).toEqual([]);
  harness.log.trim('s', horizon?.shardId ?? '', horizon?.throughSequenceNumber ?? '');
  expect(harness.mapping.lag()).toBe(2);
  harness.answer = () => null;
  await harness.advance(10_000);
  expect(harness.texts.at(-1)).toEqual(['k:3', 'k:4']);
  expect([harness.mapping.lag(), harness.mapping.nextDueMs()]).toEqual([0, undefined]);
});

test('of a shard with several units the log may forget what the slowest has done, though others are ahead', async () => {
  const harness = new MappingHarness(() => null, { parallelizationFactor: 10 });
  const keys = Array.from({ length: 40 }, (_, index) => `k${String(index)}`);
  harness.put(...keys.map((key) => `${key}:1`));
  await harness.settle();
  harness.answer = throwsOn('k7:2');
  harness.put('k7:2', ...keys.filter((key) => key !== 'k7').map((key) => `${key}:2`));
  await harness.settle();
  for (const { shardId, throughSequenceNumber } of harness.mapping.trimHorizon()) {
    harness.log.trim('s', shardId, throughSequenceNumber);
  }
  expect(harness.log.count('s', FIRST, undefined)).toBe(40);
  harness.answer = () => null;
  const before = harness.texts.length;
  await harness.advance(10_000);
  expect(harness.texts.slice(before).flat()).toContain('k7:2');
});

test('what one poll finds, another that began before it does not put out of sight', async () => {
  const releases: (() => void)[] = [];
  const waits: Answer = () => new Promise<null>((resolve) => releases.push((): void => resolve(null)));
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  };
  const harness = new MappingHarness(() => null, { maximumConcurrency: 1 }, undefined, 3);
  // A partition key of each shard, in the order of the shards.
  const keyOf = new Map(
    ['d', 'b', 'a', 'c', 'e', 'f', 'g'].map((key) => [harness.log.put('s', [entry(key)], 0)[0]?.shardId, key]),
  );
  const [first = '', second = '', third = ''] = harness.log.shards('s').map(({ shardId }) => keyOf.get(shardId) ?? '');
  await harness.settle();
  harness.answer = inTurn(waits, waits, throwsOn(`${second}:1`), () => null);
  harness.restart();

  harness.put(`${third}:1`);
  const early = harness.mapping.poll(harness.nowMs);
  await turns();
  harness.put(`${first}:1`, `${second}:1`);
  const late = harness.mapping.poll(harness.nowMs);
  await turns();
  releases[0]?.();
  await early;
  releases[1]?.();
  await late;
  await harness.advance(10_000);
  expect(harness.texts.slice(-4)).toEqual([[`${third}:1`], [`${first}:1`], [`${second}:1`], [`${second}:1`]]);
});

test('of a drained shard the log may forget everything', async () => {
  const harness = new MappingHarness(() => null);
  harness.put('k:1');
  harness.log.split('s', FIRST);
  await harness.settle();
  const ending = harness.log.shards('s')[0]?.endingSequenceNumber;
  expect(harness.mapping.trimHorizon()).toEqual([{ shardId: FIRST, throughSequenceNumber: ending }]);
});

test('records that the log has forgotten do not hold up a retry', async () => {
  const harness = new MappingHarness(inTurn(throwsOn('k:1'), () => null));
  harness.put('k:1');
  await harness.settle();
  harness.log.trim('s', FIRST, harness.log.latestSequenceNumber('s'));
  await harness.advance(10_000);
  harness.put('k:2');
  await harness.settle();
  expect(harness.texts).toEqual([['k:1'], ['k:2']]);
});

test('the lag counts what is put and not done, also before the first poll', async () => {
  const harness = new MappingHarness(throwsOn('k:2'), { batchSize: 1 });
  harness.put('k:1', 'k:2', 'k:3');
  const before = harness.mapping.lag();
  await harness.settle();
  expect([before, harness.mapping.lag(), harness.nowMs - START_MS]).toEqual([3, 2, 0]);
});
