import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import type { PartitionedLog } from '../log/partitioned-log.ts';
import type { PayloadSize } from './payload-size.ts';
import { MAX_PAYLOAD_BYTES } from './payload-size.ts';

/** What a slot reads: its slice of one shard. */
export interface ShardSlice {
  readonly log: Pick<PartitionedLog, 'read'>;
  readonly stream: string;
  readonly shardId: string;
  /** Whether a record belongs to the slot; undefined where all do. */
  readonly isMine: ((record: DeliveredRecord) => boolean) | undefined;
  /** Whether a record is delivered at all; undefined where all are. */
  readonly passes: ((data: Uint8Array) => boolean) | undefined;
  /** The tumbling window that a record belongs to; undefined without windows. */
  readonly windowStartOf: ((record: DeliveredRecord) => number) | undefined;
  readonly payload: PayloadSize;
  readonly batchSize: number;
}

/** More data than this never fits an invocation, because base64 makes four bytes of three. */
const MAX_DATA_BYTES = (MAX_PAYLOAD_BYTES / 4) * 3;
/** After this many reads without a full batch, the other slots get their turn. */
const MAX_READS = 10;

/** Gathers the next batch of a slot, over as many calls as it takes. */
export class BatchReader {
  readonly #slice: ShardSlice;
  #records: DeliveredRecord[] = [];
  #bytes = 0;
  /** What was looked at up to here is in the batch or passed over. */
  through: string | undefined;
  /** The same for the place just before the first record of the batch. */
  before: string | undefined;
  /** Whether no further record may join. */
  isFull = false;
  /** Whether the log had no more when it was read last. */
  isExhausted = false;
  /** The batch is one record that is too large for an invocation. */
  isTooLarge = false;
  /** The next record belongs to a later window than the open one. */
  isNextWindow = false;
  /** Records passed over by the filter in the last call. */
  filtered = 0;

  constructor(slice: ShardSlice) {
    this.#slice = slice;
  }

  get records(): readonly DeliveredRecord[] {
    return this.#records;
  }

  /** Begins a new batch after a position. `stateBytes`: what a tumbling window's state adds to the payload. */
  reset(position: string | undefined, stateBytes: number): void {
    this.#records = [];
    this.#bytes = this.#slice.payload.emptyBytes + stateBytes;
    this.through = this.before = position;
    this.isFull = this.isExhausted = this.isTooLarge = this.isNextWindow = false;
  }

  /**
   * The fast way where nothing has to be looked at in a record: what is there now is the batch, and it is the log's own
   * list. Only after `reset`. Undefined where a record must be looked at.
   */
  takeAll(): readonly DeliveredRecord[] | undefined {
    const { log, stream, shardId, batchSize, payload, isMine, passes, windowStartOf } = this.#slice;
    if (isMine !== undefined || passes !== undefined || windowStartOf !== undefined) return undefined;
    const chunk = log.read(stream, shardId, this.through, { records: batchSize, bytes: MAX_DATA_BYTES });
    this.isExhausted = chunk.length === 0;
    return payload.surelyFit(chunk, chunk.length) ? chunk : undefined;
  }

  /**
   * Reads on until the batch is full or the log has no more.
   *
   * `startsAtMs`: records that arrived earlier are passed over until the first that did not; answers whether it came.
   * `openWindowMs`: the start of the open tumbling window.
   */
  gather(startsAtMs: number | undefined, openWindowMs: number | undefined): boolean {
    const { log, stream, shardId, batchSize } = this.#slice;
    let searchedMs = startsAtMs;
    this.filtered = 0;
    this.isExhausted = false;
    for (let reads = 0; reads < MAX_READS && !this.isFull; reads += 1) {
      const chunk = log.read(stream, shardId, this.through, { records: batchSize, bytes: MAX_DATA_BYTES });
      if (chunk.length === 0) {
        this.isExhausted = true;
        break;
      }
      for (const record of chunk) {
        if (searchedMs !== undefined && record.arrivalMs >= searchedMs) searchedMs = undefined;
        const admission =
          searchedMs === undefined && this.#isWanted(record) ? this.#admit(record, openWindowMs) : 'more';
        if (admission === 'refused') break;
        this.through = record.sequenceNumber;
        if (this.#records.length === 0) this.before = this.through;
        if (admission === 'last') break;
      }
    }
    return searchedMs === undefined;
  }

  /** The records of a batch that was delivered before: after the position, up to and including `through`. */
  reread(position: string | undefined, through: string): readonly DeliveredRecord[] {
    const { log, stream, shardId, batchSize } = this.#slice;
    const found: DeliveredRecord[] = [];
    let after = position;
    for (;;) {
      const chunk = log.read(stream, shardId, after, { records: batchSize, bytes: MAX_DATA_BYTES });
      for (const record of chunk) {
        // Numbers of one log have the same length, so text order is number order.
        if (record.sequenceNumber > through) break;
        if (this.#isWanted(record)) found.push(record);
      }
      const last = chunk.at(-1);
      if (last === undefined || last.sequenceNumber >= through) return found;
      after = last.sequenceNumber;
    }
  }

  #isWanted(record: DeliveredRecord): boolean {
    const { isMine, passes } = this.#slice;
    if (isMine !== undefined && !isMine(record)) return false;
    if (passes === undefined || passes(record.data)) return true;
    this.filtered += 1;
    return false;
  }

  /** Refused: the record is for a later batch. Last: it is in, and no other may follow. */
  #admit(record: DeliveredRecord, openWindowMs: number | undefined): 'more' | 'last' | 'refused' {
    const { windowStartOf, payload, batchSize } = this.#slice;
    if (windowStartOf !== undefined) {
      const [first] = this.#records;
      const window = openWindowMs ?? (first === undefined ? undefined : windowStartOf(first));
      // A record that arrived "earlier" than its predecessors joins the window that is open.
      if (window !== undefined && windowStartOf(record) > window) {
        this.isFull = this.isNextWindow = true;
        return 'refused';
      }
    }
    const bytes = payload.bytesOf(record);
    if (this.#bytes + bytes > MAX_PAYLOAD_BYTES) {
      this.isFull = true;
      if (this.#records.length > 0) return 'refused';
      this.isTooLarge = true;
    }
    this.#records.push(record);
    this.#bytes += bytes;
    if (this.#records.length >= batchSize) this.isFull = true;
    return this.isFull ? 'last' : 'more';
  }
}
