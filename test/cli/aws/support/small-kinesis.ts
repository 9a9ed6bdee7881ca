import type { Reaction, Received } from '../../../support/faulty-aws/faulty-service.ts';
import { MemoryLog } from '../../../../shared/runtime/local/log/memory-log.ts';

/** What happens to one PutRecords call: nothing, a refusal, or a lost answer with only the first entries written. */
export type PutFault =
  | { readonly kind: 'none' | 'throttled' }
  | { readonly kind: 'partly-throttled'; readonly failing: number }
  | { readonly kind: 'lost'; readonly written: number }
  | { readonly kind: 'internal'; readonly failing: number; readonly written: boolean };

const STREAM = 'raw';
const ALL = { records: 1_000_000, bytes: Infinity };

/** The calls a producer makes, on a log in memory, with faults call after call; then it works. */
export class SmallKinesis {
  readonly #log = new MemoryLog();
  readonly #faults: PutFault[];
  puts = 0;

  constructor(shards: number, faults: readonly PutFault[]) {
    this.#log.createStream(STREAM, { shards });
    this.#faults = [...faults];
  }

  /** Data of all records, shard by shard. */
  content(): readonly { readonly partitionKey: string; readonly data: Uint8Array }[] {
    return this.#log.shards(STREAM).flatMap(({ shardId }) => this.#log.read(STREAM, shardId, undefined, ALL));
  }

  react({ target, body }: Received): Reaction {
    const request: unknown = JSON.parse(body);
    const field = (name: string): unknown =>
      typeof request === 'object' && request !== null ? Reflect.get(request, name) : undefined;
    switch (target.split('.')[1]) {
      case 'ListShards':
        return answer({ Shards: this.#log.shards(STREAM).map(({ shardId }) => ({ ShardId: shardId })) });
      case 'GetShardIterator':
        return answer({ ShardIterator: String(field('ShardId')) });
      case 'GetRecords': {
        const shardId = String(field('ShardIterator'));
        return answer({
          Records: this.#log.read(STREAM, shardId, undefined, ALL).map((record) => ({
            PartitionKey: record.partitionKey,
            SequenceNumber: record.sequenceNumber,
            Data: Buffer.from(record.data).toString('base64'),
          })),
          NextShardIterator: shardId,
          MillisBehindLatest: 0,
        });
      }
      default:
        return this.#put(field('Records'));
    }
  }

  #put(records: unknown): Reaction {
    this.puts += 1;
    const entries = (Array.isArray(records) ? records : []).map((record: unknown) => {
      const text = (name: string): string =>
        String(typeof record === 'object' && record !== null ? Reflect.get(record, name) : '');
      return { partitionKey: text('PartitionKey'), data: Buffer.from(text('Data'), 'base64') };
    });
    const fault = this.#faults.shift() ?? { kind: 'none' };
    const ok = { SequenceNumber: '1', ShardId: 'shardId-000000000000' };
    const isFailing = (index: number): boolean => 'failing' in fault && ((fault.failing >> (index % 30)) & 1) === 1;
    switch (fault.kind) {
      case 'throttled':
        return {
          kind: 'answer',
          status: 400,
          contentType: 'application/x-amz-json-1.1',
          body: JSON.stringify({ __type: 'ProvisionedThroughputExceededException', message: 'Rate exceeded' }),
        };
      case 'lost':
        this.#log.put(STREAM, entries.slice(0, fault.written), 0);
        return { kind: 'hang-up' };
      case 'partly-throttled':
      case 'internal': {
        const keeps = fault.kind === 'internal' && fault.written;
        this.#log.put(
          STREAM,
          entries.filter((_, index) => keeps || !isFailing(index)),
          0,
        );
        const code = fault.kind === 'internal' ? 'InternalFailure' : 'ProvisionedThroughputExceededException';
        return answer({
          FailedRecordCount: entries.filter((_, index) => isFailing(index)).length,
          Records: entries.map((_, index) => (isFailing(index) ? { ErrorCode: code, ErrorMessage: 'no' } : ok)),
        });
      }
      case 'none':
        this.#log.put(STREAM, entries, 0);
        return answer({ FailedRecordCount: 0, Records: entries.map(() => ok) });
    }
  }
}

const answer = (body: unknown): Reaction => ({
  kind: 'answer',
  status: 200,
  contentType: 'application/x-amz-json-1.1',
  body: JSON.stringify(body),
});
