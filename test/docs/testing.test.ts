// begin
import { crash, duplicateDelivery, partialPut, reshard, testDriver, zombie } from '../../shared/testing.ts';
// end
import { expect, test } from '@jest/globals';
import { json, processor, stream, topology, tumbling, windowed } from '../../shared/index.ts';

interface Reading {
  readonly site: string;
  readonly at: number;
  readonly celsius: number;
}
const reading = json('reading', (value): value is Reading => typeof value === 'object' && value !== null);
const options = { codec: reading, partitionKey: ({ site }: Reading) => site, eventTimeMs: ({ at }: Reading) => at };
const readings = stream('readings', options);
const records = stream('records', options);
const means = stream('means', options);
const warmest = processor({
  id: 'warmest',
  from: readings,
  to: { records },
  key: ({ site }) => site,
  initial: () => -274,
  step: ({ state, value }) => (value.celsius > state ? { state: value.celsius, emit: { records: [value] } } : {}),
});
const hourly = windowed({
  id: 'hourly',
  from: readings,
  to: { means },
  key: ({ site }) => site,
  window: tumbling({ sizeMs: 3_600_000, graceMs: 0 }),
  initial: () => ({ count: 0, sum: 0 }),
  add: ({ count, sum }, { celsius }) => ({ count: count + 1, sum: sum + celsius }),
  emit: 'final',
  result: ({ count, sum }, { key, startMs }) => ({ means: [{ site: key, at: startMs, celsius: sum / count }] }),
});
const climate = topology('climate', [warmest, hourly]);
const roof = (minute: number, celsius: number): Reading => ({ site: 'roof', at: minute * 60_000, celsius });

test('what goes in comes out, with faults on the way', async () => {
  // begin
  const driver = testDriver(climate);
  const out = driver.stream(records);
  await driver.stream(readings).pipe(roof(1, 10), crash(warmest, 'write'), roof(2, 12), duplicateDelivery(warmest));
  expect(out.read()).toEqual([roof(1, 10), roof(2, 12)]);

  await driver.stream(readings).pipe(partialPut(warmest), reshard(readings), zombie(warmest, 'write'), roof(3, 14));
  expect(out.read()).toEqual([roof(3, 14)]);
  // end
});

test('time is moved by hand', async () => {
  // begin
  const driver = testDriver(climate);
  const closed = driver.stream(means);
  await driver.stream(readings).pipe(roof(1, 10), roof(59, 20));
  expect(closed.read()).toEqual([]); // the hour is open
  await driver.stream(readings).pipe(roof(60, 30));
  expect(closed.read()).toEqual([roof(0, 15)]); // event time has passed its end
  await driver.end();
  expect(closed.read()).toEqual([roof(60, 30)]); // everything closes
  // end
});

test('dirt is counted, and never lost', async () => {
  // begin
  const driver = testDriver(climate);
  await driver.stream(readings).pipeBytes('roof', 'not JSON');
  expect(driver.deadLetters()).toHaveLength(2); // one a processor that reads the stream
  expect(driver.books(warmest)).toMatchObject({ in: 1, applied: 0, deadLettered: 1 });
  // end
});
