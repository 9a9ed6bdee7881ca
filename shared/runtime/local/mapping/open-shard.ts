import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import { hashKeyOf } from '../../../stream/hash-key.ts';
import type { PartitionedLog } from '../log/partitioned-log.ts';
import type { ShardSlice } from './batch-reader.ts';
import type { MappingEvent } from './mapping-events.ts';
import type { MappingNames } from './kinesis-event.ts';
import type { ShardSnapshot, SlotSnapshot } from './mapping-snapshot.ts';
import { PayloadSize } from './payload-size.ts';
import type { SlotPorts } from './pending-work.ts';
import { Slot } from './slot.ts';

/** A shard that the mapping has begun to read. */
export interface OpenShard {
  readonly isDrained: boolean;
  /** None once it is drained. */
  readonly slots: readonly Slot[];
}

/** What all shards of a mapping have in common. */
export interface ShardPorts extends Pick<SlotPorts, 'options' | 'invoke' | 'sendDiscard'> {
  readonly log: PartitionedLog;
  readonly stream: string;
  readonly names: MappingNames;
  readonly passes: ShardSlice['passes'];
  readonly concurrencySlots: ConcurrencySlots;
  readonly observe: (event: MappingEvent) => void;
}

const SEQUENCE_DIGITS = 56;

/**
 * Begins a shard, or goes on with it where a snapshot says.
 *
 * A snapshot made under another parallelisation factor gives no slot its position; all slots then begin at the lowest one,
 * and records that the faster ones had done are delivered again.
 */
export const openShard = (
  ports: ShardPorts,
  shardId: string,
  startedAfter: string | undefined,
  snapshot: ShardSnapshot | undefined,
): OpenShard => {
  if (snapshot?.isDrained === true) return { isDrained: true, slots: [] };
  const { parallelizationFactor: factor, startingPosition } = ports.options;
  const untouched: SlotSnapshot = {
    ...(startedAfter === undefined ? {} : { position: startedAfter }),
    isSearching: startingPosition === 'AT_TIMESTAMP',
    pending: [],
  };
  const kept = snapshot?.slots ?? [];
  const starts: readonly SlotSnapshot[] =
    kept.length === factor
      ? kept
      : Array.from({ length: factor }, () => (kept.length === 0 ? untouched : lowestStart(kept, untouched)));
  return { isDrained: false, slots: starts.map((start, index) => new Slot(slotPorts(ports, shardId, index), start)) };
};

const lowestStart = (kept: readonly SlotSnapshot[], untouched: SlotSnapshot): SlotSnapshot => {
  const [lowest = untouched] = [...kept].sort((a, b) => ((a.position ?? '') < (b.position ?? '') ? -1 : 1));
  const { position, isSearching } = lowest;
  return position === undefined ? untouched : { position, isSearching, pending: [] };
};

const slotPorts = (ports: ShardPorts, shardId: string, index: number): SlotPorts => {
  const { log, stream, names, options, invoke, passes, concurrencySlots, sendDiscard, observe } = ports;
  const windowMs = options.tumblingWindowInSeconds * 1000;
  const isMine = ({ partitionKey }: DeliveredRecord): boolean => concurrencySlots.indexOf(partitionKey) === index;
  const windowStartOf = ({ arrivalMs }: DeliveredRecord): number => Math.floor(arrivalMs / windowMs) * windowMs;
  return {
    slice: {
      log,
      stream,
      shardId,
      isMine: options.parallelizationFactor === 1 ? undefined : isMine,
      passes,
      windowStartOf: windowMs === 0 ? undefined : windowStartOf,
      payload: new PayloadSize(names, shardId, SEQUENCE_DIGITS, windowMs > 0),
      batchSize: options.batchSize,
    },
    options,
    rules: { reportBatchItemFailures: options.reportBatchItemFailures, windowed: windowMs > 0 },
    invoke,
    sendDiscard,
    observe: (event, nowMs) => observe({ ...event, shardId, nowMs }),
  };
};

/** The shard as a part of the mapping's snapshot. */
export const snapshotOf = (shardId: string, { isDrained, slots }: OpenShard): ShardSnapshot => ({
  shardId,
  isDrained,
  slots: slots.map((slot) => slot.snapshot()),
});

const MAX_REMEMBERED_KEYS = 65_536;

/** Which unit of parallelisation a partition key belongs to. */
export class ConcurrencySlots {
  readonly #factor: number;
  readonly #remembered = new Map<string, number>();

  constructor(parallelizationFactor: number) {
    this.#factor = parallelizationFactor;
  }

  /** From 0. Taken from the low end of the hash, because the keys of one shard have the high end in common. */
  indexOf(partitionKey: string): number {
    const known = this.#remembered.get(partitionKey);
    if (known !== undefined) return known;
    const index = Number.parseInt(hashKeyOf(partitionKey).slice(-8), 16) % this.#factor;
    if (this.#remembered.size >= MAX_REMEMBERED_KEYS) this.#remembered.clear();
    this.#remembered.set(partitionKey, index);
    return index;
  }
}
