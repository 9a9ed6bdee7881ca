import { expect, test } from '@jest/globals';
import type { Stream } from '../../shared/index.ts';
// begin
import { defineConfig, json, pipeline, processor, stream, topology, tumbling, windowed } from '../../shared/index.ts';
import { crash, duplicateDelivery, testDriver } from '../../shared/testing.ts';
// end

interface Reading {
  readonly site: string;
  readonly sensor: string;
  readonly at: number;
  readonly celsius: number;
}
const isReading = (value: unknown): value is Reading =>
  typeof value === 'object' && value !== null && 'celsius' in value;
const output = (name: string): Stream<Omit<Reading, 'site'>> =>
  stream(name, {
    codec: json('reading', (value): value is Omit<Reading, 'site'> => typeof value === 'object' && value !== null),
    partitionKey: ({ sensor }) => sensor,
  });
const [records, means, tooLate] = [output('records'), output('means'), output('too-late')];
const reading = (minute: number, celsius = minute): Reading => ({
  site: 'roof',
  sensor: 'north',
  at: minute * 60_000,
  celsius,
});

// What is between the lines of `begin` and `end` is in the README word for word.
// begin
const readings = stream('readings', {
  codec: json('reading', isReading),
  partitionKey: ({ site }) => site,
  eventTimeMs: ({ at }) => at,
});
// end
// begin
const warmest = processor({
  id: 'warmest', // stable: state and positions are stored under it
  from: readings,
  to: { records },
  key: ({ sensor }) => sensor, // state per sensor
  initial: () => -274,
  step: ({ state, value }) => (value.celsius > state ? { state: value.celsius, emit: { records: [value] } } : {}),
});
// end
// begin
const hourly = windowed({
  id: 'hourly',
  from: readings,
  to: { means, tooLate },
  key: ({ sensor }) => sensor,
  window: tumbling({ sizeMs: 3_600_000, graceMs: 300_000 }),
  initial: () => ({ count: 0, sum: 0 }),
  add: ({ count, sum }, { celsius }) => ({ count: count + 1, sum: sum + celsius }),
  emit: 'final',
  result: ({ count, sum }, { key, startMs }) => ({ means: [{ sensor: key, at: startMs, celsius: sum / count }] }),
  late: (reading) => ({ tooLate: [reading] }),
});
// end

// begin
const climate = pipeline({
  topology: topology('climate', [warmest, hourly]),
  about: 'means and records of sensors',
  highlights: [{ what: 'hourly means', where: means }],
});
const config = defineConfig({ pipelines: [climate] }); // millrace.config.ts exports it as its default
// end

test('a pipeline takes its name from its topology, and its entry from the one stream that no processor writes', () => {
  expect(config.pipelines.map(({ name, entry }) => [name, entry])).toEqual([['climate', readings]]);
});

test('the tour of the README does what it says', async () => {
  // begin
  const driver = testDriver(topology('climate', [warmest, hourly]));
  await driver.stream(readings).pipe(reading(1), crash(hourly, 'write'), reading(2), duplicateDelivery(warmest));
  await driver.advance(15 * 60_000); // the partition is idle
  expect(driver.stream(means).read()).toEqual([{ sensor: 'north', at: 0, celsius: 1.5 }]);
  // end
  expect(driver.stream(records).read()).toEqual([reading(1), reading(2)]);
  await driver.stream(readings).pipe(reading(3));
  expect(driver.stream(tooLate).read()).toEqual([reading(3)]);
});
