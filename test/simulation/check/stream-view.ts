import { isAtOrBefore, withApplied } from '../../../shared/engine/ledger.ts';
import { deaggregate, isAggregated } from '../../../shared/codec/kpl.ts';
import { textOf } from '../../../shared/codec/text-bytes.ts';
import type { PartitionedLog } from '../../../shared/runtime/local/log/partitioned-log.ts';
import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';
import { peeker } from '../../../shared/stream/envelope.ts';
import { laneUnder } from '../../../shared/stream/origin.ts';
import { compareSequenceNumbers } from '../../../shared/stream/sequence-number.ts';
import { withoutShard, type RawLabels } from './raw-labels.ts';

/** What a reader with a ledger takes from a stream, and what it passes over. */
export interface StreamView {
  /** By partition key and lane, in order: `position value`. */
  readonly lanes: ReadonlyMap<string, readonly string[]>;
  /** Copies of what was taken before. */
  readonly repeats: number;
  /** What no ledger took, because something after it came first. */
  readonly passedOver: readonly string[];
  /** Origins of which two copies have different values. */
  readonly unlike: readonly string[];
}

const EVERYTHING = { records: 1_000_000, bytes: Number.MAX_SAFE_INTEGER };

/** Reads a stream to its end. Within a stream, the order of sequence numbers is the order of each partition key. */
export const streamView = (log: PartitionedLog, stream: string, labels: RawLabels): StreamView => {
  const peek = peeker('data');
  const lanes = new Map<string, string[]>();
  const ledger = new Map<string, string>();
  const values = new Map<string, string>();
  const taken = new Set<string>();
  const unlike: string[] = [];
  let repeats = 0;
  for (const { partitionKey, text } of payloadsOf(log, stream)) {
    const envelope = peek(text);
    if (envelope === undefined) throw new TypeError(`stream '${stream}' holds something foreign: ${text}`);
    const { position, data } = envelope;
    const arrived = `${partitionKey} ${laneUnder(envelope.lane, partitionKey)}`;
    const lane = `${partitionKey} ${withoutShard(laneUnder(envelope.lane, partitionKey))}`;
    const origin = `${lane} ${labels.of(position)}`;
    const known = values.get(origin);
    if (known === undefined) values.set(origin, data);
    else if (known !== data) unlike.push(`${origin}: ${known} and ${data}`);
    const seen = ledger.get(arrived);
    if (seen !== undefined && isAtOrBefore(position, seen)) {
      if (taken.has(origin)) repeats += 1;
      continue;
    }
    ledger.set(arrived, withApplied(seen, position));
    taken.add(origin);
    const entries = lanes.get(lane) ?? [];
    lanes.set(lane, entries);
    entries.push(`${labels.of(position)} ${data}`);
  }
  const passedOver = [...values].filter(([origin]) => !taken.has(origin)).map((entry) => entry.join(' '));
  return { lanes, repeats, passedOver, unlike };
};

const payloadsOf = (
  log: PartitionedLog,
  stream: string,
): readonly { readonly partitionKey: string; readonly text: string }[] =>
  log
    .shards(stream)
    .flatMap(({ shardId }) => log.read(stream, shardId, undefined, EVERYTHING))
    .sort((one, other) => compareSequenceNumbers(one.sequenceNumber, other.sequenceNumber))
    .flatMap((record) => unpacked(record).map((data) => ({ partitionKey: record.partitionKey, text: textOf(data) })));

const unpacked = ({ data }: DeliveredRecord): readonly Uint8Array[] => {
  if (!isAggregated(data)) return [data];
  const records = deaggregate(data);
  if (records.kind === 'malformed') throw new TypeError(records.reason);
  return records.records.map((one) => one.data);
};
