/** What a bill cannot know from a topology alone; {@link ASSUMPTIONS} has the default and the range of every number. */
export interface BillAssumptions {
  readonly capacity: 'provisioned' | 'on-demand';
  readonly shards: number;
  readonly retentionHours: number;
  readonly recordBytes: number;
  readonly recordsPerAggregate: number;
  readonly recordsPerBatch: number;
  readonly lanesPerBatch: number;
  readonly memoryMb: number;
  readonly msPerBatch: number;
  readonly sweepMs: number;
  readonly keysPerBatch: number;
  readonly itemBytes: number;
  readonly coldShare: number;
  readonly timerMoveShare: number;
  readonly storedGb: number;
  /** Known values of single streams and processors; they override the general ones. */
  readonly volumes: Volumes;
}

/** Volumes of one topology, by name of its streams and processors. */
export interface Volumes {
  /** Records of a stream for each record that enters the topology. @default - as many as its writers read */
  readonly recordShares: Readonly<Record<string, number>>;
  /** Average bytes of a stream's records as they travel, envelope included. @default - `recordBytes` */
  readonly recordBytes: Readonly<Record<string, number>>;
  /** State keys of a processor that a batch changes. @default - `keysPerBatch` */
  readonly keysPerBatch: Readonly<Record<string, number>>;
}

/** The assumptions that are numbers. */
export type NumberAssumption = Exclude<keyof BillAssumptions, 'capacity' | 'volumes'>;

interface Assumption {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** Whether only whole numbers make sense. */
  readonly whole: boolean;
  readonly about: string;
}

/** Default, range and meaning of every number that a bill assumes. */
export const ASSUMPTIONS: Readonly<Record<NumberAssumption, Assumption>> = {
  shards: whole(1, 1, 10_000, 'shards of each stream; not charged on demand'),
  retentionHours: whole(24, 24, 8760, 'hours a stream keeps its records'),
  recordBytes: whole(400, 1, 1_048_576, 'average bytes of a record as it travels, envelope included'),
  recordsPerAggregate: whole(100, 1, 100_000, 'records packed into one Kinesis record'),
  recordsPerBatch: whole(1000, 1, 1_000_000, 'records of one invocation, counted after unpacking'),
  lanesPerBatch: whole(10, 1, 10_000, 'partition keys of one batch'),
  memoryMb: whole(1024, 128, 10_240, 'memory of a function'),
  msPerBatch: whole(300, 1, 900_000, 'billed milliseconds of one invocation, starts of new environments included'),
  sweepMs: whole(50, 1, 900_000, 'billed milliseconds of one sweep that finds nothing to do'),
  keysPerBatch: whole(100, 0, 1_000_000, 'state keys that one batch changes, each written once'),
  itemBytes: whole(700, 1, 409_600, 'average bytes of a state item or row, ledger included'),
  coldShare: share(0.2, 'share of the state keys, of processors with timers, that are not warm and must be read'),
  timerMoveShare: share(0.5, 'share of the writes, of processors with timers, that move the timer and so its index'),
  storedGb: { value: 1, min: 0, max: 1_000_000, whole: false, about: 'gigabytes stored in all tables' },
};

function whole(value: number, min: number, max: number, about: string): Assumption {
  return { value, min, max, whole: true, about };
}

function share(value: number, about: string): Assumption {
  return { value, min: 0, max: 1, whole: false, about };
}

const NO_VOLUMES: Volumes = { recordShares: {}, recordBytes: {}, keysPerBatch: {} };

/**
 * Fills in what is not given. Throws a `RangeError` that names a number out of its range.
 *
 * @example
 * ```ts
 * completeAssumptions({ shards: 4 }).recordsPerBatch; // 1000
 * completeAssumptions({}).capacity; // 'provisioned'
 * ```
 */
export const completeAssumptions = (given: Partial<BillAssumptions>): BillAssumptions => {
  const number = (name: NumberAssumption): number => {
    const { value: preset, min, max, whole: isWhole } = ASSUMPTIONS[name];
    const value = given[name] ?? preset;
    if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value;
    throw new RangeError(
      `${name} must be a ${isWhole ? 'whole ' : ''}number from ${String(min)} to ${String(max)}, got ${String(value)}`,
    );
  };
  return {
    capacity: given.capacity ?? 'provisioned',
    shards: number('shards'),
    retentionHours: number('retentionHours'),
    recordBytes: number('recordBytes'),
    recordsPerAggregate: number('recordsPerAggregate'),
    recordsPerBatch: number('recordsPerBatch'),
    lanesPerBatch: number('lanesPerBatch'),
    memoryMb: number('memoryMb'),
    msPerBatch: number('msPerBatch'),
    sweepMs: number('sweepMs'),
    keysPerBatch: number('keysPerBatch'),
    itemBytes: number('itemBytes'),
    coldShare: number('coldShare'),
    timerMoveShare: number('timerMoveShare'),
    storedGb: number('storedGb'),
    volumes: given.volumes ?? NO_VOLUMES,
  };
};
