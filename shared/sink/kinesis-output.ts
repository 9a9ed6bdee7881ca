import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { packed } from '../codec/packed.ts';
import type { EmissionUnit, OutputPort } from '../engine/ports.ts';
import { inParallel } from './in-parallel.ts';
import { putInOrder } from './put-in-order.ts';
import type { StreamEntry } from './put-records.ts';
import type { Patience } from './retry.ts';
import type { Reporting } from './sink-error.ts';

/** What {@link kinesisOutput} is made with. */
export interface KinesisOutputOptions extends Patience, Reporting {
  readonly client: KinesisClient;
  /** Physical names, by stream of the topology. */
  readonly streams: Readonly<Record<string, string>>;
}

/**
 * Puts records into Kinesis data streams. What all units have for one partition key is packed into as few records as
 * possible, the units one after the other; see {@link putInOrder} for what holds then.
 */
export const kinesisOutput = (options: KinesisOutputOptions): Pick<OutputPort, 'put'> => ({
  put: async (units) => {
    const written = units.map(() => true);
    const streams = [...Map.groupBy(units.keys(), (unit) => units[unit]?.stream ?? '')];
    const tasks = streams.map(([stream, members]) => {
      const streamName = options.streams[stream];
      if (streamName === undefined) {
        throw new RangeError(
          `stream '${stream}' has no name here; known are: ${Object.keys(options.streams).join(', ') || 'none'}. Deploy again`,
        );
      }
      return async () => {
        const entries = entriesOf(units, members);
        const answers = await putInOrder({ ...options, streamName }, entries);
        for (const [at, { of }] of entries.entries()) {
          if (answers[at] === true) continue;
          for (const unit of of) written[unit] = false;
        }
      };
    });
    await inParallel(Infinity, tasks, (task) => task());
    return written;
  },
});

interface UnitsEntry extends StreamEntry {
  /** Units that have a payload in it. */
  readonly of: readonly number[];
}

/** Packs the units of one stream, key by key. */
const entriesOf = (units: readonly EmissionUnit[], members: readonly number[]): readonly UnitsEntry[] => {
  const keys = Map.groupBy(members, (unit) => units[unit]?.partitionKey ?? '');
  return [...keys].flatMap(([partitionKey, sharing]) => {
    const payloads: string[] = [];
    const owners: number[] = [];
    for (const unit of sharing) {
      for (const payload of units[unit]?.payloads ?? []) {
        payloads.push(payload);
        owners.push(unit);
      }
    }
    let from = 0;
    return packed(partitionKey, payloads).map(({ data, count }) => {
      const of = [...new Set(owners.slice(from, from + count))];
      from += count;
      return { partitionKey, data, of };
    });
  });
};
