import { KINESIS_RECORD_BYTES } from '../../../shared/codec/kpl-aggregator.ts';
import {
  trustedAggregates,
  KPL_DIGEST_BYTES,
  KPL_MAGIC_BYTES,
  KPL_TAG,
  kplDigest,
} from '../../../shared/codec/kpl-format.ts';
import { isAggregated } from '../../../shared/codec/kpl.ts';
import { packed } from '../../../shared/codec/packed.ts';
import { asBuffer } from '../../../shared/codec/text-bytes.ts';

/*
 * A mark is a further entry of an aggregate's table of partition keys, to which no record refers. A reader that takes the aggregate
 * apart never looks at it; the producer finds by it what it has written, and so what it need not write again.
 */
const PREFIX = 'millrace/';
const RUN_CHARS = 22;
const NUMBER_CHARS = 12;
const INDEX_CHARS = 6;

/** Bytes of every mark. */
const MARK_BYTES = PREFIX.length + RUN_CHARS + 1 + NUMBER_CHARS + 1 + INDEX_CHARS;
const FIELD_BYTES = 2 + MARK_BYTES;
const MAX_UNMARKED_BYTES = KINESIS_RECORD_BYTES - FIELD_BYTES;

/** Which aggregate it is: the producer's own id, the number of its first record, and its place among those sent together. */
interface Mark {
  /** 22 characters of base64url. */
  readonly run: string;
  readonly record: number;
  readonly index: number;
}

/** A mark as text, by which marks are compared. */
const markText = ({ run, record, index }: Mark): string =>
  `${PREFIX}${run}/${String(record).padStart(NUMBER_CHARS, '0')}/${String(index).padStart(INDEX_CHARS, '0')}`;

/** One Kinesis record as it is put. */
export interface MarkedEntry {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly mark: string;
}

/**
 * Packs payloads, key by key and each key in order, into marked aggregates. The same payloads give the same entries.
 *
 * Throws a `RangeError` for a payload that fits into no record.
 */
export const markedEntries = (
  groups: ReadonlyMap<string, readonly string[]>,
  mark: Omit<Mark, 'index'>,
): readonly MarkedEntry[] => {
  const entries: MarkedEntry[] = [];
  for (const [partitionKey, payloads] of groups) {
    for (const { data } of packed(partitionKey, payloads, { maxRecordBytes: MAX_UNMARKED_BYTES, alone: 'aggregate' })) {
      if (!isAggregated(data)) {
        throw new RangeError(`a record of ${String(data.length)} bytes does not fit into a Kinesis record`);
      }
      const text = markText({ ...mark, index: entries.length });
      entries.push({ partitionKey, data: marked(data, text), mark: text });
    }
  }
  return entries;
};

const marked = (aggregate: Uint8Array, mark: string): Uint8Array => {
  const protobufEnd = aggregate.length - KPL_DIGEST_BYTES;
  const record = Buffer.alloc(aggregate.length + FIELD_BYTES);
  record.set(aggregate.subarray(0, protobufEnd));
  record[protobufEnd] = KPL_TAG.partitionKey;
  record[protobufEnd + 1] = MARK_BYTES;
  record.write(mark, protobufEnd + 2, 'latin1');
  const end = protobufEnd + FIELD_BYTES;
  record.set(kplDigest(record.subarray(KPL_MAGIC_BYTES, end)), end);
  trustedAggregates.add(record);
  return record;
};

/** The mark of a Kinesis record; undefined where it has none. */
export const markIn = (data: Uint8Array): string | undefined => {
  const fieldAt = data.length - KPL_DIGEST_BYTES - FIELD_BYTES;
  if (fieldAt < KPL_MAGIC_BYTES || !isAggregated(data)) return undefined;
  if (data[fieldAt] !== KPL_TAG.partitionKey || data[fieldAt + 1] !== MARK_BYTES) return undefined;
  const text = asBuffer(data).toString('latin1', fieldAt + 2, fieldAt + 2 + MARK_BYTES);
  return text.startsWith(PREFIX) ? text : undefined;
};
