import { randomUUID } from 'node:crypto';
import type { PartitionedLog, ShardDescription } from '../log/partitioned-log.ts';
import { sendDiscard } from './failure-destination.ts';
import { runAtMost, type Invoke } from './invocation.ts';
import { localNames, type MappingNames } from './kinesis-event.ts';
import type { MappingEvent } from './mapping-events.ts';
import { checkOptions } from './mapping-options.ts';
import type { CheckedOptions, EventSourceMappingOptions, SimulationOptions } from './mapping-options.ts';
import type { MappingSnapshot } from './mapping-snapshot.ts';
import { ConcurrencySlots, openShard, snapshotOf } from './open-shard.ts';
import type { OpenShard, ShardPorts } from './open-shard.ts';
import { compileFilter } from './record-filter.ts';

/** What a mapping is made of. */
export interface EventSourceMappingProps {
  readonly log: PartitionedLog;
  /** A stream of the log. */
  readonly stream: string;
  readonly invoke: Invoke;
  readonly options: EventSourceMappingOptions & SimulationOptions;
  /** Names in events and documents. @default names of a local account */
  readonly names?: MappingNames;
  /** Where an earlier mapping of the same stream and function stood. @default the starting position */
  readonly resumeFrom?: MappingSnapshot;
}

/** A shard's records up to a number, which a mapping no longer needs. */
export interface TrimHorizon {
  readonly shardId: string;
  readonly throughSequenceNumber: string;
}

/**
 * An AWS event source mapping from a stream to a function, simulated by its documented rules; docs/mapping-simulator.md
 * lists them with their sources.
 *
 * It has no timers and no threads. `poll` does what is due now, `nextDueMs` says when more is due; its caller
 * polls after every put, at that time, and again as long as it answers true. The same calls on the same log give
 * the same invocations.
 */
export class EventSourceMapping {
  readonly #props: EventSourceMappingProps;
  readonly #options: CheckedOptions;
  readonly #ports: ShardPorts;
  readonly #shards = new Map<string, OpenShard>();
  /** Shards that may have something to do, each with the poll that last found a reason. */
  readonly #awake = new Map<string, number>();
  /** Shards that were worked on since the last partial snapshot. */
  readonly #changed = new Set<string>();
  /** The shards as last described, and the number up to which new records were looked for. */
  #described: ReadonlyMap<string, ShardDescription> = new Map();
  #describedFrom: readonly ShardDescription[] = [];
  #seenThrough: string | undefined;
  #polls = 0;
  #startedAfter: string | undefined;
  #activeAtMs: number | undefined;
  #isActive: boolean;

  /** Throws a `RangeError` or `TypeError` for options that AWS refuses. */
  constructor(props: EventSourceMappingProps) {
    const { log, stream, options: given, resumeFrom } = props;
    const options = checkOptions(given);
    const names = props.names ?? localNames(stream, 'function');
    const { onFailure, filterCriteria, observe, newId = randomUUID } = given;
    this.#props = props;
    this.#options = options;
    this.#ports = {
      log,
      stream,
      names,
      options,
      invoke: props.invoke,
      passes: filterCriteria === undefined ? undefined : compileFilter(filterCriteria),
      concurrencySlots: new ConcurrencySlots(options.parallelizationFactor),
      sendDiscard: onFailure === undefined ? undefined : (discard) => sendDiscard(onFailure, discard, names, newId),
      observe: (event: MappingEvent) => observe?.(event),
    };
    this.#isActive = resumeFrom?.isActive ?? false;
    this.#startedAfter = resumeFrom?.startedAfter;
    if (!this.#isActive && options.activationDelayMs === 0) this.#activate();
    for (const shard of resumeFrom?.shards ?? []) {
      this.#shards.set(shard.shardId, openShard(this.#ports, shard.shardId, this.#startedAfter, shard));
      this.#awake.set(shard.shardId, 0);
    }
  }

  /**
   * Delivers at most one due batch of every unit of parallelisation of every shard, all at the same time; whether
   * anything changed. May be called again before it resolves: units at work are left alone.
   */
  async poll(nowMs: number): Promise<boolean> {
    const { startingPositionTimestampMs: startsAtMs, activationDelayMs, maximumConcurrency } = this.#options;
    if (startsAtMs > nowMs) {
      throw new RangeError(
        `startingPositionTimestampMs must not be in the future, got ${String(startsAtMs)} at ${String(nowMs)}`,
      );
    }
    this.#activeAtMs ??= nowMs + activationDelayMs;
    if (!this.#isActive && nowMs < this.#activeAtMs) return false;
    if (!this.#isActive) this.#activate();
    const poll = this.#wake(nowMs);
    // Ids sort in the order in which the shards were made.
    const ids = [...this.#awake.keys()].sort();
    const steps = ids.flatMap((shardId) => {
      const isClosed = this.#described.get(shardId)?.endingSequenceNumber !== undefined;
      this.#changed.add(shardId);
      return (this.#shards.get(shardId)?.slots ?? []).map((slot) => () => slot.step(nowMs, isClosed));
    });
    const progress = await runAtMost(maximumConcurrency, steps);
    for (const shardId of ids) {
      const isResting = this.#shards.get(shardId)?.slots.every((slot) => slot.isResting) ?? true;
      // Another poll may have found a reason in between.
      if (isResting && (this.#awake.get(shardId) ?? 0) <= poll) this.#awake.delete(shardId);
    }
    return this.#forgetDrained(ids, nowMs) || progress.includes(true);
  }

  /**
   * The next time at which something is due even if nothing is put, in milliseconds since 1970; it may be past.
   * Undefined if nothing is.
   */
  nextDueMs(): number | undefined {
    if (!this.#isActive) return this.#activeAtMs;
    let earliestMs: number | undefined;
    for (const shardId of this.#awake.keys()) {
      for (const slot of this.#shards.get(shardId)?.slots ?? []) {
        const dueMs = slot.nextDueMs();
        if (dueMs !== undefined && (earliestMs === undefined || dueMs < earliestMs)) earliestMs = dueMs;
      }
    }
    return earliestMs;
  }

  /** What the log may forget, as far as this mapping goes. Shards that it has not begun are not listed. */
  trimHorizon(): readonly TrimHorizon[] {
    const described = this.#props.log.shards(this.#props.stream);
    return described.flatMap(({ shardId, endingSequenceNumber }) => {
      const shard = this.#shards.get(shardId);
      const throughSequenceNumber = shard?.isDrained === true ? endingSequenceNumber : shard && lowestPosition(shard);
      return throughSequenceNumber === undefined ? [] : [{ shardId, throughSequenceNumber }];
    });
  }

  /** Records that are put and not done, counted in each shard from its slowest unit of parallelisation on. */
  lag(): number {
    const { log, stream } = this.#props;
    let records = 0;
    for (const shardId of new Set([...this.#awake.keys(), ...log.shardsAfter(stream, this.#seenThrough)])) {
      const shard = this.#shards.get(shardId);
      if (shard?.isDrained === true) continue;
      records += log.count(stream, shardId, shard === undefined ? this.#startedAfter : lowestPosition(shard));
    }
    return records;
  }

  /** Where the mapping stands, as plain JSON. Batches in flight count as not delivered. */
  snapshot(): MappingSnapshot {
    return this.#snapshotOf([...this.#shards.keys()]);
  }

  /** The same, with only those shards that were worked on since the last call. */
  snapshotOfChanges(): MappingSnapshot {
    const ids = [...this.#changed];
    this.#changed.clear();
    return this.#snapshotOf(ids);
  }

  #snapshotOf(shardIds: readonly string[]): MappingSnapshot {
    return {
      version: 1,
      ...(this.#startedAfter === undefined ? {} : { startedAfter: this.#startedAfter }),
      isActive: this.#isActive,
      shards: shardIds.flatMap((shardId) => {
        const shard = this.#shards.get(shardId);
        return shard === undefined ? [] : [snapshotOf(shardId, shard)];
      }),
    };
  }

  #activate(): void {
    const { log, stream } = this.#props;
    this.#isActive = true;
    if (this.#options.startingPosition === 'LATEST') this.#startedAfter = log.latestSequenceNumber(stream);
  }

  /** Finds the shards that may have something to do; answers the number of this poll. */
  #wake(nowMs: number): number {
    const { log, stream } = this.#props;
    const poll = ++this.#polls;
    const described = log.shards(stream);
    if (described !== this.#describedFrom) {
      this.#describedFrom = described;
      this.#described = new Map(described.map((shard) => [shard.shardId, shard]));
      for (const { shardId, endingSequenceNumber } of described) {
        const shard = this.#shards.get(shardId);
        if (endingSequenceNumber !== undefined && shard?.isDrained === false) this.#awake.set(shardId, poll);
      }
      this.#openReady(nowMs);
    }
    for (const shardId of log.shardsAfter(stream, this.#seenThrough)) {
      if (this.#shards.get(shardId)?.isDrained === false) this.#awake.set(shardId, poll);
    }
    this.#seenThrough = log.latestSequenceNumber(stream);
    return poll;
  }

  /** A child is begun when its parents are drained, so that a key which moved stays in order. */
  #openReady(nowMs: number): void {
    const isDrained = (shardId: string): boolean => this.#shards.get(shardId)?.isDrained ?? false;
    for (const { shardId, parentShardIds } of this.#describedFrom) {
      if (this.#shards.has(shardId) || !parentShardIds.every(isDrained)) continue;
      this.#shards.set(shardId, openShard(this.#ports, shardId, this.#startedAfter, undefined));
      this.#awake.set(shardId, this.#polls);
      this.#ports.observe({ kind: 'opened', shardId, nowMs });
    }
  }

  #forgetDrained(shardIds: readonly string[], nowMs: number): boolean {
    let isAny = false;
    for (const shardId of shardIds) {
      const shard = this.#shards.get(shardId);
      if (shard?.isDrained !== false || !shard.slots.every((slot) => slot.isDrained)) continue;
      this.#shards.set(shardId, { isDrained: true, slots: [] });
      this.#awake.delete(shardId);
      this.#ports.observe({ kind: 'drained', shardId, nowMs });
      isAny = true;
    }
    // The children's turn.
    if (isAny) this.#openReady(nowMs);
    return isAny;
  }
}

/** Undefined where one unit has not done its first record. */
const lowestPosition = ({ slots }: OpenShard): string | undefined => {
  let lowest = slots[0]?.position;
  for (const { position } of slots) {
    if (position === undefined || lowest === undefined) return undefined;
    if (position < lowest) lowest = position;
  }
  return lowest;
};
