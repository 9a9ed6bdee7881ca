import type { DeliveredRecord } from '../stream/delivered-record.ts';
import {
  childPosition,
  isRekeyed,
  laneUnder,
  producerLane,
  rootLane,
  sortableNumber,
  type Origin,
} from '../stream/origin.ts';
import { isLikeKinesis, shardOfSequenceNumber } from '../stream/shard-name.ts';

/** In place of the ordinal of a record that is in no aggregate. */
export const NOT_PACKED = -1;

/** The position of a record that its shard counts. `ordinal` is its place in an aggregate, from 0, or {@link NOT_PACKED}. */
export const foreignPosition = ({ sequenceNumber }: DeliveredRecord, ordinal: number): string => {
  const position = sortableNumber(sequenceNumber);
  return ordinal === NOT_PACKED ? position : childPosition(position, ordinal);
};

/** The origin of a record that its producer counts. Throws a `RangeError` for an `id` that is no name and whole number. */
export const producedOrigin = (id: unknown, partitionKey: string): Origin => {
  const { producer, counter } =
    typeof id === 'object' && id !== null
      ? { producer: undefined, counter: undefined, ...id }
      : { producer: undefined, counter: undefined };
  const digits =
    typeof counter === 'number' || typeof counter === 'bigint' || typeof counter === 'string' ? String(counter) : '';
  if (typeof producer !== 'string' || producer === '' || !DIGITS.test(digits)) {
    throw new RangeError(
      `eventId must give a producer's name and a counter that is a whole number from 0, got ${String(producer)} and ${String(counter)}`,
    );
  }
  return { lane: producerLane(producer, partitionKey), position: sortableNumber(digits.replace(LEADING_ZEROS, '')) };
};

const DIGITS = /^\d{1,99}$/;
const LEADING_ZEROS = /^0+(?=\d)/;

/** A batch seldom has more partition keys. */
const MAX_ROOTS = 10_000;

/** A lane as its records arrived last: mostly under one partition key. */
interface Arrival {
  readonly partitionKey: string;
  readonly lane: string;
  readonly isRekeyed: boolean;
}

/** Names of lanes: one string object for each, which keeps every later look-up by it cheap. */
export const laneNames = (
  stream: string,
): {
  root(record: DeliveredRecord, partitionKey: string): string;
  under(lane: string, partitionKey: string): { readonly lane: string; readonly isRekeyed: boolean };
} => {
  const arrivals = new Map<string, Arrival>();
  let rootShard: string | undefined;
  let isRootKinesis = false;
  const roots = new Map<string, string>();
  return {
    root: ({ shard: told, sequenceNumber }, partitionKey) => {
      const shard = told ?? shardOfSequenceNumber(sequenceNumber);
      const isKinesis = isLikeKinesis(sequenceNumber);
      if (shard !== rootShard || isKinesis !== isRootKinesis || roots.size > MAX_ROOTS) {
        rootShard = shard;
        isRootKinesis = isKinesis;
        roots.clear();
      }
      let root = roots.get(partitionKey);
      if (root === undefined) {
        // Where no shard is known, at least numbers of two kinds are not compared.
        root = rootLane(shard === undefined && isKinesis ? `${stream}~kinesis` : stream, shard, partitionKey);
        roots.set(partitionKey, root);
      }
      return root;
    },
    under: (lane, partitionKey) => {
      const known = arrivals.get(lane);
      if (known?.partitionKey === partitionKey) return known;
      if (arrivals.size > MAX_ROOTS) arrivals.clear();
      const under = laneUnder(lane, partitionKey);
      const arrived = { partitionKey, lane: under, isRekeyed: isRekeyed(under) };
      arrivals.set(lane, arrived);
      return arrived;
    },
  };
};
