import { parseJson } from '../codec/json.ts';
import { asBuffer } from '../codec/text-bytes.ts';
import type { DeadLetter } from '../engine/dead-letter.ts';
import type { Processor } from '../processor/processor.ts';
import { rootLane, sortableNumber } from '../stream/origin.ts';
import type { DeliveredRecord } from '../stream/delivered-record.ts';
import { shardOfSequenceNumber } from '../stream/shard-name.ts';
import { fieldOf } from './field-of.ts';
import { deliveredRecords, isKinesisEvent } from './kinesis-event.ts';

/**
 * How often a mapping retries a batch before it gives its records up. A record that no step can process is a dead letter at once
 * and uses up no retry. What does is a fault of the system, such as a table that throttles, and those pass: with few retries,
 * good records would lose their place in the order.
 */
export const MAX_RETRIES = 100;

/** Where AWS puts what a mapping gives up; the id of the mapping follows. */
export const GIVEN_UP_PREFIX = 'aws/lambda/';

/**
 * The dead letter of a whole Kinesis record that no engine has processed; it may hold many packed ones. Its origin is its place
 * in the stream.
 */
export const recordLetter = (
  { partitionKey, sequenceNumber, data, shard }: DeliveredRecord,
  processor: Processor,
  { reason, error }: Pick<DeadLetter, 'reason' | 'error'>,
): DeadLetter => ({
  lane: rootLane(processor.from.name, shard ?? shardOfSequenceNumber(sequenceNumber), partitionKey),
  position: sortableNumber(sequenceNumber),
  processor: processor.id,
  stream: processor.from.name,
  partitionKey,
  sequenceNumber,
  payload: asBuffer(data).toString('base64'),
  reason,
  error,
});

/**
 * Dead letters of the records that a mapping has given up, from the document it sends to its on-failure bucket. Each says what
 * ended the retries, after how many invocations, and how the last of them failed, as far as the document does.
 *
 * The event that could not be processed is in the document as an object or, in quotes, as JSON text: the guide's example
 * does not show which. Throws a `TypeError` for a document without such an event, as queues and topics get them.
 */
export const givenUpLetters = (document: string, processor: Processor): readonly DeadLetter[] => {
  const parsed = jsonOf(document);
  const payload = fieldOf(parsed, 'payload');
  const event = typeof payload === 'string' ? jsonOf(payload) : payload;
  if (!isKinesisEvent(event)) {
    throw new TypeError(
      `the on-failure document holds no Kinesis event: ${document.slice(0, 80)}. Only documents from the on-failure bucket of a mapping can be read`,
    );
  }
  const error = causeOf(parsed);
  return deliveredRecords(event, 0).map((record) =>
    recordLetter(record, processor, {
      reason: 'given-up',
      error: record.unreadable === undefined ? error : `${error}; ${record.unreadable}`,
    }),
  );
};

/** What AWS calls the end of retries, in words; a condition that is not among them is named as it is. */
const CONDITIONS: Readonly<Record<string, string>> = {
  RetryAttemptsExhausted: 'no retry was left',
  RecordAgeExceeded: 'the record became older than the mapping delivers',
  EventAgeExceeded: 'the record became older than the mapping delivers',
};

const causeOf = (document: unknown): string => {
  const context = fieldOf(document, 'requestContext');
  const invocations = fieldOf(context, 'approximateInvokeCount');
  const condition = fieldOf(context, 'condition');
  const response = fieldOf(document, 'responseContext');
  const functionError = fieldOf(response, 'functionError');
  const statusCode = fieldOf(response, 'statusCode');
  const attempts =
    typeof invocations === 'number' ? ` after ${String(invocations)} attempt${invocations === 1 ? '' : 's'}` : '';
  const why =
    typeof condition === 'string'
      ? `: ${condition}${Object.hasOwn(CONDITIONS, condition) ? `, ${CONDITIONS[condition] ?? ''}` : ''}`
      : '';
  return `given up${attempts}${why}${lastFailure(response, functionError, statusCode)}`;
};

const lastFailure = (response: unknown, functionError: unknown, statusCode: unknown): string => {
  if (response === undefined || response === null) return '';
  if (typeof functionError === 'string') return `; the last invocation failed: ${functionError}`;
  if (typeof statusCode === 'number' && statusCode !== 200) {
    return `; the last invocation was answered with status ${String(statusCode)}`;
  }
  return '; the last invocation reported a failure';
};

/** Undefined for what is no JSON. */
const jsonOf = (text: string): unknown => {
  const parsed = parseJson(text);
  return parsed.kind === 'value' ? parsed.value : undefined;
};
