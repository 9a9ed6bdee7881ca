import { localRuntime } from '../../../shared/runtime/local/local-runtime.ts';
import { memoryStorage } from '../../../shared/runtime/local/local-storage.ts';
import { reader } from '../../../shared/runtime/local/stream-reader.ts';
import { openWeather } from '../../support/weather-files.ts';
import { mailOf, streamsOf, takenOf, type Outcome } from './outcome.ts';
import type { WeatherSample } from './weather-sample.ts';

/** What the embedded runtime makes of a sample. */
export interface EmbeddedRun {
  /** As long as the end of input is unknown: what the watermark has not closed is open. */
  readonly open: Outcome;
  /** When all is closed. */
  readonly closed: Outcome;
  /** Partition keys of the lines. */
  readonly locations: readonly string[];
}

/** Runs the weather pipeline on the embedded runtime, in the partitions in which a producer puts the lines. */
export const embeddedRun = async ({ lines, lists }: WeatherSample): Promise<EmbeddedRun> => {
  const pipeline = await openWeather(lists, 1);
  const { topology, reference } = pipeline;
  const storage = memoryStorage();
  try {
    const runtime = localRuntime({ topology, storage, reference, nowMs: Date.now });
    const byLocation = Map.groupBy(lines, (line) => pipeline.partitionKeyOf(line));
    for (const [location, ofLocation] of byLocation) runtime.produce(pipeline.entry.name, location, ofLocation);
    const outcome = async (): Promise<Outcome> => {
      const tables: Record<string, Record<string, unknown>> = {};
      for (const { name } of topology.tables) {
        const rows: Record<string, unknown> = (tables[name] = {});
        for await (const { key, state } of storage.state.items(name)) {
          if (state !== undefined) rows[key] = JSON.parse(state);
        }
      }
      return {
        tables,
        streams: await streamsOf((stream) => Promise.resolve(reader(storage.log, stream).read('once'))),
        mail: mailOf([...runtime.outputs.messages(0)].map(({ message }) => message)),
        deadLetters: [...runtime.outputs.deadLetters()].length,
        books: Object.fromEntries([...runtime.books()].map(([id, books]) => [id, takenOf(books)])),
      };
    };
    await runtime.drain();
    const open = await outcome();
    await runtime.flush();
    return { open, closed: await outcome(), locations: [...byLocation.keys()] };
  } finally {
    storage.close();
  }
};
