import type { FailureDestination } from './failure-destination.ts';
import type { MappingObserver } from './mapping-events.ts';
import type { FilterCriteria } from './record-filter.ts';

/** The options that an AWS event source mapping of a Kinesis stream has, under their AWS names. */
export interface EventSourceMappingOptions {
  /**
   * Maximum records of one batch; 1 to 10000.
   *
   * @default 100
   */
  readonly batchSize?: number;
  /**
   * How long a batch that is not full waits for more; 0 to 300 seconds.
   *
   * @default 0
   */
  readonly maximumBatchingWindowSeconds?: number;
  /**
   * Batches of one shard at the same time; 1 to 10. Records of one partition key stay in order.
   *
   * @default 1
   */
  readonly parallelizationFactor?: number;
  /**
   * Whether `batchItemFailures` in the response is read.
   *
   * @default false
   */
  readonly reportBatchItemFailures?: boolean;
  /**
   * Whether a batch that failed is divided. Dividing uses up no retry.
   *
   * @default false
   */
  readonly bisectBatchOnFunctionError?: boolean;
  /**
   * Retries after the first attempt; 0 to 10000, or -1 for no end.
   *
   * @default -1
   */
  readonly maximumRetryAttempts?: number;
  /**
   * Age from which on a record is discarded instead of delivered; 60 to 604800 seconds, or -1 for none.
   *
   * @default -1
   */
  readonly maximumRecordAgeInSeconds?: number;
  /** Where reading begins in a shard that has no checkpoint. Children of a reshard are always read whole. */
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP';
  /** With `AT_TIMESTAMP`: the first record that arrived then or later, in milliseconds since 1970; not in the future. */
  readonly startingPositionTimestampMs?: number;
  /**
   * What becomes of records that are discarded because retries or age ran out.
   *
   * @default - they are dropped
   */
  readonly onFailure?: FailureDestination;
  /**
   * Which records are delivered at all.
   *
   * @default - all
   */
  readonly filterCriteria?: FilterCriteria;
  /**
   * Size of the tumbling window that the function's `state` is kept for; 0 to 900 seconds, 0 for none.
   *
   * @default 0
   */
  readonly tumblingWindowInSeconds?: number;
}

/** What a mapping does where AWS's documentation is silent; docs/mapping-simulator.md says more on each. */
export interface SilentRules {
  /** With bisect, when the first record of a batch is the reported one: the batch is halved, or tried again as it is. */
  readonly firstRecordReported: 'halved' | 'retried';
  /** Whether retries of a failed batch wait longer and longer, or come at once. */
  readonly retries: 'back-off' | 'at-once';
  /** The retries of what is left after a partial success or a split: all of them again, or what is left of the batch's. */
  readonly remainder: 'restarts' | 'inherits';
  /** A failed write to the failure destination: tried again while the unit waits, or the document is lost. */
  readonly destination: 'retried' | 'once';
  /** Records that the stream's retention has passed: to the failure destination, or lost without a document. */
  readonly expired: 'documented' | 'lost';
}

/** Every silent rule read for the function, and every one read against it. No guarantee may depend on either. */
export const READINGS = {
  kind: {
    firstRecordReported: 'halved',
    retries: 'back-off',
    remainder: 'restarts',
    destination: 'retried',
    expired: 'documented',
  },
  unkind: {
    firstRecordReported: 'retried',
    retries: 'at-once',
    remainder: 'inherits',
    destination: 'once',
    expired: 'lost',
  },
} as const satisfies Readonly<Record<string, SilentRules>>;

/** Options of the simulation; none of them exists on AWS. */
export interface SimulationOptions {
  /**
   * How the rules are read on which AWS is silent: all kindly, all unkindly, or each as given.
   *
   * @default 'kind'
   */
  readonly reading?: keyof typeof READINGS | SilentRules;
  /**
   * How long the stream keeps records: the age that ends retries without any other limit. 24 hours on AWS by default.
   *
   * @default - no limit
   */
  readonly streamRetentionSeconds?: number;
  /**
   * The time that the age of a record is measured at. A replay has none that says anything, and gives -Infinity: then nothing
   * is too old.
   *
   * @default - the time of the poll
   */
  readonly recordClock?: (nowMs: number) => number;
  /**
   * Delay before the first retry; it doubles with every further one.
   *
   * @default 1000
   */
  readonly retryDelayMs?: number;
  /** @default 60000 */
  readonly maximumRetryDelayMs?: number;
  /**
   * How long after its first poll the mapping begins to read; with `LATEST` it misses what is put before that, as on AWS.
   *
   * @default 0
   */
  readonly activationDelayMs?: number;
  /**
   * Maximum invocations at the same time, over all shards.
   *
   * @default - no limit
   */
  readonly maximumConcurrency?: number;
  /** Called with what happens, once per batch. */
  readonly observe?: MappingObserver;
  /** Ids of requests and objects; a test gives its own. @default crypto.randomUUID */
  readonly newId?: () => string;
}

/** All options with their defaults filled in. */
export type CheckedOptions = Required<
  Omit<EventSourceMappingOptions & SimulationOptions, 'onFailure' | 'filterCriteria' | 'observe' | 'newId' | 'reading'>
> & { readonly silent: SilentRules };

const DEFAULTS = {
  batchSize: 100,
  maximumBatchingWindowSeconds: 0,
  parallelizationFactor: 1,
  reportBatchItemFailures: false,
  bisectBatchOnFunctionError: false,
  maximumRetryAttempts: -1,
  maximumRecordAgeInSeconds: -1,
  startingPositionTimestampMs: Number.NEGATIVE_INFINITY,
  tumblingWindowInSeconds: 0,
  streamRetentionSeconds: Number.POSITIVE_INFINITY,
  retryDelayMs: 1000,
  maximumRetryDelayMs: 60_000,
  activationDelayMs: 0,
  maximumConcurrency: Number.POSITIVE_INFINITY,
} as const;

const STARTING_POSITIONS: readonly string[] = ['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'];

interface Range {
  readonly name: keyof typeof DEFAULTS;
  readonly from: number;
  readonly to: number;
  /** Means "no limit" beside the range. */
  readonly or?: -1;
}

const RANGES: readonly Range[] = [
  { name: 'batchSize', from: 1, to: 10_000 },
  { name: 'maximumBatchingWindowSeconds', from: 0, to: 300 },
  { name: 'parallelizationFactor', from: 1, to: 10 },
  { name: 'maximumRetryAttempts', from: 0, to: 10_000, or: -1 },
  { name: 'maximumRecordAgeInSeconds', from: 60, to: 604_800, or: -1 },
  { name: 'tumblingWindowInSeconds', from: 0, to: 900 },
  { name: 'streamRetentionSeconds', from: 1, to: Number.POSITIVE_INFINITY },
  { name: 'retryDelayMs', from: 1, to: Number.POSITIVE_INFINITY },
  { name: 'maximumRetryDelayMs', from: 1, to: Number.POSITIVE_INFINITY },
  { name: 'activationDelayMs', from: 0, to: Number.POSITIVE_INFINITY },
  { name: 'maximumConcurrency', from: 1, to: Number.POSITIVE_INFINITY },
];

/** Throws a `RangeError` that names the option, the value and the range, for what AWS refuses at creation. */
export const checkOptions = (given: EventSourceMappingOptions & SimulationOptions): CheckedOptions => {
  const { reading = 'kind', ...others } = given;
  const silent = typeof reading === 'string' ? READINGS[reading] : reading;
  const options: CheckedOptions = { ...DEFAULTS, recordClock: asIs, silent, ...withoutUndefined(others) };
  if (!STARTING_POSITIONS.includes(given.startingPosition)) {
    throw new RangeError(
      `startingPosition must be one of ${STARTING_POSITIONS.join(', ')}, got ${JSON.stringify(given.startingPosition)}`,
    );
  }
  for (const { name, from, to, or } of RANGES) {
    const value = Number(options[name]);
    if (value !== or && value !== to && !(Number.isInteger(value) && value >= from && value <= to)) {
      const allowed = `${or === undefined ? '' : `${String(or)} or `}a whole number from ${String(from)} to ${String(to)}`;
      throw new RangeError(`${name} must be ${allowed}, got ${String(value)}`);
    }
  }
  if ((given.startingPosition === 'AT_TIMESTAMP') !== Number.isFinite(options.startingPositionTimestampMs)) {
    throw new RangeError(
      `startingPositionTimestampMs belongs to startingPosition AT_TIMESTAMP and to no other, got ${String(given.startingPositionTimestampMs)} with ${given.startingPosition}`,
    );
  }
  return options;
};

const asIs = (nowMs: number): number => nowMs;

/** An option given as undefined is an option left out. */
const withoutUndefined = <Options extends object>(options: Options): Options => {
  const copy = { ...options };
  for (const [name, value] of Object.entries(copy)) if (value === undefined) Reflect.deleteProperty(copy, name);
  return copy;
};
