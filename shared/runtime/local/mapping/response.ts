import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import { compareSequenceNumbers } from '../../../stream/sequence-number.ts';
import type { InvocationBatch, Invoke } from './invocation.ts';
import { InvocationThrottledError } from './invocation.ts';

/** What a response says about its batch. */
type BatchOutcome =
  | { readonly kind: 'success'; readonly stateText: string | undefined }
  /** The records before `index` are done, the one at `index` and all after it are not. */
  | { readonly kind: 'partial'; readonly index: number; readonly stateText: string | undefined }
  | { readonly kind: 'failure'; readonly reason: string };

/** How an invocation ended. */
export type InvocationOutcome =
  BatchOutcome | { readonly kind: 'throttled' } | { readonly kind: 'thrown'; readonly reason: string };

/** What decides how a response is read. */
export interface ResponseRules {
  readonly reportBatchItemFailures: boolean;
  /** Whether the mapping has a tumbling window, so that the response must hold `state`. */
  readonly windowed: boolean;
}

/** Calls the function once and says how that ended; whatever the function throws is an outcome. */
export const attempt = async (
  invoke: Invoke,
  batch: InvocationBatch,
  rules: ResponseRules,
): Promise<InvocationOutcome> => {
  try {
    return interpretResponse(await invoke(batch), batch.records, rules);
  } catch (error) {
    if (error instanceof InvocationThrottledError) return { kind: 'throttled' };
    return { kind: 'thrown', reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
};

/**
 * Reads a function's response as Lambda does. The only place that knows its forms.
 *
 * - Without `reportBatchItemFailures` any response is a full success.
 * - Full success: an empty or null response; `batchItemFailures` missing, null or empty.
 * - Full failure: an `itemIdentifier` that is missing, misnamed, null or empty; one that is not in the batch; a response
 *   or a `batchItemFailures` of any other form.
 * - Otherwise the lowest sequence number, compared as a number, is the checkpoint.
 * - In a tumbling window a response without `state` is a full failure.
 */
const interpretResponse = (
  response: unknown,
  records: readonly DeliveredRecord[],
  { reportBatchItemFailures, windowed }: ResponseRules,
): BatchOutcome => {
  const stateText = windowed ? stateTextOf(response) : undefined;
  if (windowed && stateText === undefined) return failure('the response of a tumbling window must contain state');
  if (!reportBatchItemFailures || response === undefined || response === null || response === '') {
    return { kind: 'success', stateText };
  }
  if (typeof response !== 'object' || Array.isArray(response)) return failure('the response is not an object');
  const failures: unknown = 'batchItemFailures' in response ? response.batchItemFailures : undefined;
  if (failures === undefined || failures === null) return { kind: 'success', stateText };
  if (!Array.isArray(failures)) return failure('batchItemFailures is not a list');
  if (failures.length === 0) return { kind: 'success', stateText };
  const index = lowestIndex(failures, records);
  return typeof index === 'string' ? failure(index) : { kind: 'partial', index, stateText };
};

const failure = (reason: string): BatchOutcome => ({ kind: 'failure', reason });

const lowestIndex = (failures: readonly unknown[], records: readonly DeliveredRecord[]): number | string => {
  let lowest = records.length;
  for (const entry of failures) {
    const identifier: unknown =
      typeof entry === 'object' && entry !== null && 'itemIdentifier' in entry ? entry.itemIdentifier : undefined;
    if (identifier === undefined) return 'an entry of batchItemFailures has no itemIdentifier';
    if (typeof identifier !== 'string' || identifier === '') return 'an itemIdentifier is null, empty or no text';
    const index = /^\d+$/.test(identifier) ? indexOf(identifier, records) : -1;
    if (index === -1) return `itemIdentifier '${identifier.slice(0, 80)}' is not in the batch`;
    if (index < lowest) lowest = index;
  }
  return lowest;
};

const indexOf = (sequenceNumber: string, records: readonly DeliveredRecord[]): number => {
  let low = 0;
  let high = records.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = compareSequenceNumbers(records[middle]?.sequenceNumber ?? '', sequenceNumber);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
};

/** JSON text of the state; undefined without one, or without one that JSON can hold. */
const stateTextOf = (response: unknown): string | undefined => {
  if (typeof response !== 'object' || response === null || !('state' in response)) return undefined;
  try {
    return JSON.stringify(response.state);
  } catch {
    return undefined;
  }
};
