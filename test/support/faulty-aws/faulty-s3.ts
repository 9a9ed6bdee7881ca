import type { Reaction, Received } from './faulty-service.ts';

/** What happens to one PutObject call. */
export type S3Fault =
  | { readonly kind: 'none' | 'hang-up' | 'lost-answer' }
  | { readonly kind: 'refused'; readonly error: string; readonly status: number };

/** A bucket that fails as scripted, call after call; then always as scripted for afterwards. */
export class FaultyS3 {
  readonly objects = new Map<string, Uint8Array>();
  /** Puts of an object that were answered or not. */
  calls = 0;
  readonly #faults: S3Fault[];
  readonly #afterwards: S3Fault;

  constructor(faults: readonly S3Fault[], afterwards: S3Fault = { kind: 'none' }) {
    this.#faults = [...faults];
    this.#afterwards = afterwards;
  }

  react({ path, bytes }: Received): Reaction {
    this.calls += 1;
    const fault = this.#faults.shift() ?? this.#afterwards;
    if (fault.kind === 'hang-up') return { kind: 'hang-up' };
    if (fault.kind === 'refused') {
      return {
        kind: 'answer',
        status: fault.status,
        contentType: 'application/xml',
        body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${fault.error}</Code><Message>refused</Message></Error>`,
      };
    }
    this.objects.set(decodeURIComponent(new URL(path, 'http://s3').pathname), bytes);
    if (fault.kind === 'lost-answer') return { kind: 'hang-up' };
    return { kind: 'answer', status: 200, contentType: 'application/xml', body: '' };
  }
}
