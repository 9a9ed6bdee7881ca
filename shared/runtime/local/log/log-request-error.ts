/** Why a log refuses a request. */
export type LogRefusal =
  | 'stream-exists'
  | 'unknown-stream'
  | 'unknown-shard'
  | 'shard-closed'
  | 'shards-not-adjacent'
  | 'bad-hash-key'
  | 'bad-partition-key'
  | 'bad-sequence-number'
  | 'record-too-large';

/** A request that the log refused; nothing was changed. */
export class LogRequestError extends Error {
  override readonly name = 'LogRequestError';
  readonly reason: LogRefusal;

  constructor(reason: LogRefusal, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
