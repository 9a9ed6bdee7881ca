import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Reporting } from '../aws/errors.ts';
import { inParallel } from '../aws/in-parallel.ts';
import type { RetryPolicy } from '../aws/retry.ts';
import { packed } from '../codec/packed.ts';
import type { DeliveryOutcome, StreamDelivery } from '../engine/ports.ts';
import type { OutputDriver } from './output-drivers.ts';
import { putInOrder } from './put-in-order.ts';
import type { StreamEntry } from './put-records.ts';
import { impossibleDeliveries } from './impossible-deliveries.ts';

/** What {@link kinesisOutput} is made with. */
export interface KinesisOutputOptions extends RetryPolicy, Reporting {
  readonly client: KinesisClient;
  /** Physical names, by stream of the topology. */
  readonly streams: Readonly<Record<string, string>>;
}

/**
 * Puts records into Kinesis data streams. What all deliveries have for one partition key is packed into as few records as
 * possible, one delivery after the other; see {@link putInOrder} for their order.
 *
 * A delivery fails whose record Kinesis never takes. What follows it under its partition key is refused, so that nothing
 * overtakes.
 */
export const kinesisOutput =
  (options: KinesisOutputOptions): OutputDriver<'stream'> =>
  async (deliveries) => {
    const outcomes = new Map<StreamDelivery, DeliveryOutcome>(impossibleDeliveries(deliveries));
    const streams = Map.groupBy(deliveries, ({ stream }) => stream);
    const tasks = [...streams].map(([stream, members]) => {
      const streamName = options.streams[stream];
      if (streamName === undefined) {
        throw new RangeError(
          `stream '${stream}' has no name here; known are: ${Object.keys(options.streams).join(', ') || 'none'}. Deploy again`,
        );
      }
      return async () => {
        const entries = packedByKey(members.filter((delivery) => !outcomes.has(delivery)));
        const answers = await putInOrder({ ...options, streamName }, entries);
        for (const [at, { of }] of entries.entries()) {
          const answer = answers[at] ?? 'refused';
          if (answer === 'written') continue;
          // What follows a failed entry is refused: the delivery of both has failed.
          for (const delivery of of) if (!outcomes.has(delivery)) outcomes.set(delivery, answer);
        }
      };
    });
    await inParallel(Infinity, tasks, (task) => task());
    return deliveries.map((delivery) => outcomes.get(delivery) ?? 'delivered');
  };

interface SharedEntry extends StreamEntry {
  /** Deliveries that have a payload in it. */
  readonly of: readonly StreamDelivery[];
}

/** Packs the deliveries of one stream, key by key. */
const packedByKey = (deliveries: readonly StreamDelivery[]): readonly SharedEntry[] =>
  [...Map.groupBy(deliveries, ({ partitionKey }) => partitionKey)].flatMap(([partitionKey, sharing]) => {
    const payloads: string[] = [];
    const owners: StreamDelivery[] = [];
    for (const delivery of sharing) {
      for (const payload of delivery.payloads) {
        payloads.push(payload);
        owners.push(delivery);
      }
    }
    let from = 0;
    return packed(partitionKey, payloads).map(({ data, count }) => {
      const of = [...new Set(owners.slice(from, from + count))];
      from += count;
      return { partitionKey, data, of };
    });
  });
