import type { BatchResult } from '../engine/engine.ts';

/** What Lambda reads from a handler with partial batch responses. The names are AWS's: a misspelt one means success. */
export interface BatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * Says which records must be delivered again: the lowest sequence number of each held partition key, and nothing else. The
 * only place where such an answer is made.
 */
export const batchResponse = ({ held }: Pick<BatchResult, 'held'>): BatchResponse => ({
  batchItemFailures: [...new Set(held.map(({ sequenceNumber }) => sequenceNumber))].map((sequenceNumber) => ({
    itemIdentifier: sequenceNumber,
  })),
});
