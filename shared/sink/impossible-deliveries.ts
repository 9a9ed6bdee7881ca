import { KINESIS_RECORD_BYTES } from '../codec/kpl-aggregator.ts';
import { MAX_BYTES_PER_CHARACTER } from '../codec/text-bytes.ts';
import type { DeliveryOutcome, StreamDelivery } from '../engine/ports.ts';
import { MAX_PARTITION_KEY_CHARACTERS } from '../stream/partition-key.ts';

/**
 * The deliveries of which nothing may be put: those that hold a record no stream ever takes have failed, and those after them
 * for the same partition key of the same stream are refused, so that nothing overtakes.
 *
 * @example
 * ```ts
 * impossibleDeliveries([{ kind: 'stream', stream: 's', partitionKey: 'k', payloads: ['fine'] }]).size; // 0
 * ```
 */
export const impossibleDeliveries = (
  deliveries: readonly StreamDelivery[],
): ReadonlyMap<StreamDelivery, DeliveryOutcome> => {
  const impossible = new Map<StreamDelivery, DeliveryOutcome>();
  const blocked = new Set<string>();
  for (const delivery of deliveries) {
    const problem = problemOf(delivery);
    if (problem === undefined && blocked.size === 0) continue;
    const place = JSON.stringify([delivery.stream, delivery.partitionKey]);
    if (blocked.has(place)) {
      impossible.set(delivery, 'refused');
    } else if (problem !== undefined) {
      impossible.set(delivery, { failed: problem });
      blocked.add(place);
    }
  }
  return impossible;
};

/** Why a stream never takes a delivery; undefined if it may. */
const problemOf = ({ stream, partitionKey, payloads }: StreamDelivery): string | undefined => {
  const { length } = partitionKey;
  if (length < 1 || length > MAX_PARTITION_KEY_CHARACTERS) {
    return `a partition key of stream '${stream}' must have 1 to ${MAX_PARTITION_KEY_CHARACTERS} characters, got ${length}`;
  }
  for (const payload of payloads) {
    if ((payload.length + length) * MAX_BYTES_PER_CHARACTER <= KINESIS_RECORD_BYTES) continue;
    const bytes = Buffer.byteLength(payload) + Buffer.byteLength(partitionKey);
    if (bytes <= KINESIS_RECORD_BYTES) continue;
    return `a record of stream '${stream}' must have at most ${KINESIS_RECORD_BYTES} bytes with its partition key, got ${bytes}: emit less in one record`;
  }
  return undefined;
};
