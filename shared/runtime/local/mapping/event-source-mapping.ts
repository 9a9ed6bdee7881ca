import { randomUUID } from 'node:crypto';
import type { PartitionedLog, ShardDescription } from '../log/partitioned-log.ts';
import { sendDiscard } from './failure-destination.ts';
import type { Invoke } from './invocation.ts';
import type { MappingEvent } from './mapping-events.ts';
import type { MappingNames } from './mapping-names.ts';
import { localNames } from './mapping-names.ts';
import { checkOptions } from './mapping-options.ts';
import type { CheckedOptions, EventSourceMappingOptions, SimulationOptions } from './mapping-options.ts';
import type { MappingSnapshot } from './mapping-snapshot.ts';
import { openShard, snapshotOf } from './open-shard.ts';
import type { OpenShard, ShardPorts } from './open-shard.ts';
import { compileFilter } from './record-filter.ts';
import { runAtMost } from './run-at-most.ts';
import { SlotOfKey } from './slot-of-key.ts';

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

/** A shard's records up to a number that a mapping needs no more. */
export interface TrimHorizon {
  readonly shardId: string;
  readonly throughSequenceNumber: string;
}

/**
 * An AWS event source mapping from a stream to a function, simulated by its documented rules; docs/mapping-simulator.md
 * lists them with their sources.
 *
 * It has no timers and no threads. `poll` does what is due now, `nextDueMs` says when there is more to do; who drives it
 * calls `poll` after every put, at that time, and again as long as it answers true. The same calls on the same log give
 * the same invocations.
 */
export class EventSourceMapping {
  readonly #props: EventSourceMappingProps;
  readonly #options: CheckedOptions;
  readonly #ports: ShardPorts;
  readonly #shards = new Map<string, OpenShard>();
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
      slotOfKey: new SlotOfKey(options.parallelizationFactor),
      sendDiscard: onFailure === undefined ? undefined : (discard) => sendDiscard(onFailure, discard, names, newId),
      observe: (event: MappingEvent) => observe?.(event),
    };
    this.#isActive = resumeFrom?.isActive ?? false;
    this.#startedAfter = resumeFrom?.startedAfter;
    if (!this.#isActive && options.activationDelayMs === 0) this.#activate();
    for (const shard of resumeFrom?.shards ?? []) {
      this.#shards.set(shard.shardId, openShard(this.#ports, shard.shardId, this.#startedAfter, shard));
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
    const described = this.#props.log.shards(this.#props.stream);
    const isOpened = this.#openReady(described, nowMs);
    const steps = described.flatMap(({ shardId, endingSequenceNumber }) => {
      const slots = this.#shards.get(shardId)?.slots ?? [];
      return slots.map((slot) => () => slot.step(nowMs, endingSequenceNumber !== undefined));
    });
    const progress = await runAtMost(maximumConcurrency, steps);
    return this.#forgetDrained(nowMs) || isOpened || progress.includes(true);
  }

  /**
   * The next time at which there is something to do even if nothing is put, in milliseconds since 1970; it may be past.
   * Undefined if there is none.
   */
  nextDueMs(): number | undefined {
    if (!this.#isActive) return this.#activeAtMs;
    let earliestMs: number | undefined;
    for (const { slots } of this.#shards.values()) {
      for (const slot of slots) {
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

  /** Records that are put and not done, counted in each shard behind its slowest unit of parallelisation. */
  lag(): number {
    const { log, stream } = this.#props;
    let records = 0;
    for (const { shardId } of log.shards(stream)) {
      const shard = this.#shards.get(shardId);
      if (shard?.isDrained === true) continue;
      records += log.count(stream, shardId, shard === undefined ? this.#startedAfter : lowestPosition(shard));
    }
    return records;
  }

  /** Where the mapping stands, as plain JSON. Batches in flight count as not delivered. */
  snapshot(): MappingSnapshot {
    return {
      version: 1,
      ...(this.#startedAfter === undefined ? {} : { startedAfter: this.#startedAfter }),
      isActive: this.#isActive,
      shards: [...this.#shards].map(([shardId, shard]) => snapshotOf(shardId, shard)),
    };
  }

  #activate(): void {
    const { log, stream } = this.#props;
    this.#isActive = true;
    if (this.#options.startingPosition === 'LATEST') this.#startedAfter = log.latestSequenceNumber(stream);
  }

  /** A child is begun when its parents are drained, so that a key which moved stays in order. */
  #openReady(described: readonly ShardDescription[], nowMs: number): boolean {
    const isDrained = (shardId: string): boolean => this.#shards.get(shardId)?.isDrained ?? false;
    const ready = described.filter(
      ({ shardId, parentShardIds }) => !this.#shards.has(shardId) && parentShardIds.every(isDrained),
    );
    for (const { shardId } of ready) {
      this.#shards.set(shardId, openShard(this.#ports, shardId, this.#startedAfter, undefined));
      this.#ports.observe({ kind: 'opened', shardId, nowMs });
    }
    return ready.length > 0;
  }

  #forgetDrained(nowMs: number): boolean {
    let isAny = false;
    for (const [shardId, { isDrained, slots }] of this.#shards) {
      if (isDrained || !slots.every((slot) => slot.isDrained)) continue;
      this.#shards.set(shardId, { isDrained: true, slots: [] });
      this.#ports.observe({ kind: 'drained', shardId, nowMs });
      isAny = true;
    }
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
