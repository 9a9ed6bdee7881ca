import { deaggregate, isAggregated } from '../../codec/kpl.ts';
import { isAtOrBefore, withApplied } from '../../engine/ledger.ts';
import { opener } from '../../stream/envelope.ts';
import { laneUnder } from '../../stream/origin.ts';
import type { Stream } from '../../stream/stream.ts';
import type { PartitionedLog } from './log/partitioned-log.ts';

/** Reads the values of a stream, from its beginning on. */
export interface StreamReader<Value> {
  /** What is new since the last call, by shard, then in order; what cannot be decoded is left out. */
  read(repeats: 'once' | 'with repeats'): readonly Value[];
}

/** Makes a reader. It keeps a ledger, so it knows which records are repeats. */
export const reader = <Value>(log: PartitionedLog, stream: Stream<Value>): StreamReader<Value> => {
  const open = opener(stream.codec);
  const positions = new Map<string, string>();
  const ledger = new Map<string, string>();

  const take = (
    partitionKey: string,
    data: Uint8Array,
  ): { readonly value: Value; readonly isRepeat: boolean } | undefined => {
    const opened = open(data);
    if (opened === undefined) {
      const decoded = stream.codec.decode(data);
      return decoded.kind === 'value' ? { value: decoded.value, isRepeat: false } : undefined;
    }
    if (opened.kind === 'malformed') return undefined;
    const lane = laneUnder(opened.lane, partitionKey);
    const seen = ledger.get(lane);
    const isRepeat = seen !== undefined && isAtOrBefore(opened.position, seen);
    if (!isRepeat) ledger.set(lane, withApplied(seen, opened.position));
    return { value: opened.value, isRepeat };
  };

  return {
    read: (repeats) => {
      const values: Value[] = [];
      for (const { shardId } of log.shards(stream.name)) {
        const limit = { records: Infinity, bytes: Infinity };
        for (const record of log.read(stream.name, shardId, positions.get(shardId), limit)) {
          positions.set(shardId, record.sequenceNumber);
          const unpacked = isAggregated(record.data) ? deaggregate(record.data) : undefined;
          for (const { partitionKey, data } of unpacked?.kind === 'records' ? unpacked.records : [record]) {
            const taken = take(partitionKey, data);
            if (taken !== undefined && (repeats === 'with repeats' || !taken.isRepeat)) values.push(taken.value);
          }
        }
      }
      return values;
    },
  };
};
