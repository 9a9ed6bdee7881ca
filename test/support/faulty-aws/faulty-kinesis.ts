import { deaggregate, isAggregated } from '../../../shared/codec/kpl.ts';
import { textOf } from '../../../shared/codec/text-bytes.ts';
import type { Reaction, Received } from './faulty-service.ts';

/** What happens to one PutRecords call. Numbers tell entries apart: an entry fails where its bit is set. */
export type KinesisFault =
  | { readonly kind: 'none' }
  /** The whole call is refused, by name and status. */
  | { readonly kind: 'refused'; readonly error: string; readonly status: number }
  /** Some entries fail. */
  | { readonly kind: 'partly'; readonly failing: number; readonly code: string }
  /** Some entries fail, have their error, and are not counted. */
  | { readonly kind: 'uncounted'; readonly failing: number }
  /** Some entries fail and are counted, and the answer does not say which. */
  | { readonly kind: 'unnamed'; readonly failing: number }
  /** Some entries fail and are missing from the answer. */
  | { readonly kind: 'missing'; readonly failing: number }
  /** Nothing is written, nothing is answered. */
  | { readonly kind: 'hang-up' | 'silence' }
  /** All is written, and the answer is lost. */
  | { readonly kind: 'lost-answer' };

export interface KinesisCall {
  readonly stream: string;
  readonly keys: readonly string[];
  readonly bytes: number;
}

/** A stream that keeps what it takes, in order, and fails as scripted, call after call; then it works. */
export class FaultyKinesis {
  readonly calls: KinesisCall[] = [];
  readonly #written = new Map<string, string[]>();
  readonly #faults: KinesisFault[];
  readonly #afterwards: KinesisFault;

  constructor(faults: readonly KinesisFault[], afterwards: KinesisFault = { kind: 'none' }) {
    this.#faults = [...faults];
    this.#afterwards = afterwards;
  }

  /** Payloads of a key in the order of the stream, packed ones taken apart. */
  of(stream: string, key: string): readonly string[] {
    return this.#written.get(`${stream} ${key}`) ?? [];
  }

  react({ body }: Received): Reaction {
    const { StreamName: stream, Records: records } = requestOf(body);
    this.calls.push({
      stream,
      keys: records.map(({ PartitionKey }) => PartitionKey),
      bytes: records.reduce(
        (sum, { Data, PartitionKey }) => sum + Buffer.from(Data, 'base64').length + PartitionKey.length,
        0,
      ),
    });
    const fault = this.#faults.shift() ?? this.#afterwards;
    if (fault.kind === 'hang-up' || fault.kind === 'silence') return { kind: fault.kind };
    if (fault.kind === 'refused') return json(fault.status, { __type: fault.error, message: 'refused' });
    const failing = 'failing' in fault ? fault.failing : 0;
    const isFailing = records.map((_, index) => ((failing >> (index % 30)) & 1) === 1);
    const answers = records.map((record, index) => {
      if (isFailing[index] === true) return undefined;
      const id = `${stream} ${record.PartitionKey}`;
      const written = this.#written.get(id) ?? [];
      this.#written.set(id, written);
      written.push(...payloadsOf(Buffer.from(record.Data, 'base64')));
      return { SequenceNumber: String(this.calls.length * 1000 + index), ShardId: 'shardId-000000000000' };
    });
    const count = isFailing.filter(Boolean).length;
    switch (fault.kind) {
      case 'lost-answer':
        return { kind: 'hang-up' };
      case 'missing':
        return json(200, { FailedRecordCount: 0, Records: answers.filter((answer) => answer !== undefined) });
      case 'unnamed':
        return json(200, {
          FailedRecordCount: count,
          Records: answers.map((answer) => answer ?? { SequenceNumber: '1', ShardId: 'shardId-000000000000' }),
        });
      default: {
        const code = fault.kind === 'partly' ? fault.code : 'ProvisionedThroughputExceededException';
        return json(200, {
          FailedRecordCount: fault.kind === 'uncounted' ? 0 : count,
          Records: answers.map((answer) => answer ?? { ErrorCode: code, ErrorMessage: 'Rate exceeded for shard' }),
        });
      }
    }
  }
}

const payloadsOf = (data: Uint8Array): readonly string[] => {
  if (!isAggregated(data)) return [textOf(data)];
  const taken = deaggregate(data);
  if (taken.kind === 'malformed') throw new Error(taken.reason);
  return taken.records.map((record) => textOf(record.data));
};

interface PutRecordsRequest {
  readonly StreamName: string;
  readonly Records: readonly { readonly PartitionKey: string; readonly Data: string }[];
}

const isPutRecords = (value: unknown): value is PutRecordsRequest =>
  typeof value === 'object' && value !== null && 'StreamName' in value && 'Records' in value;

const requestOf = (body: string): PutRecordsRequest => {
  const parsed: unknown = JSON.parse(body);
  if (!isPutRecords(parsed)) throw new Error(`not a PutRecords request: ${body.slice(0, 100)}`);
  return parsed;
};

const json = (status: number, body: unknown): Reaction => ({
  kind: 'answer',
  status,
  contentType: 'application/x-amz-json-1.1',
  body: JSON.stringify(body),
});
