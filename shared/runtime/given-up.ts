import type { DeadLetter } from '../engine/dead-letter.ts';
import type { Processor } from '../processor/processor.ts';
import { rootLane, sortableNumber } from '../stream/origin.ts';
import { fieldOf } from './field-of.ts';
import type { KinesisEvent } from './kinesis-event.ts';

/**
 * How often a mapping retries a batch before it gives its records up, deployed and embedded alike. A record that no step can process
 * is a dead letter at once and uses up no retry. What does is a fault of the system, such as a table that throttles, and those
 * pass: with few retries, good records would lose their place in the order.
 */
export const MAX_RETRIES = 100;

/** Where AWS puts what a mapping gives up; the id of the mapping follows. */
export const GIVEN_UP_PREFIX = 'aws/lambda/';

/**
 * Dead letters of the records that a mapping has given up, from the document it sends to its on-failure bucket. One letter a
 * Kinesis record, which may hold many packed ones; its origin is its place in the stream.
 *
 * The event that could not be processed is in the document as an object or, in quotes, as JSON text: the guide's example
 * does not tell which. Throws a `TypeError` for a document without such an event, as queues and topics get them.
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
  const context = fieldOf(parsed, 'requestContext');
  const error = `given up after ${String(fieldOf(context, 'approximateInvokeCount'))} attempts: ${String(fieldOf(context, 'condition'))}`;
  return event.Records.map(({ kinesis: { partitionKey, sequenceNumber, data } }) => ({
    lane: rootLane(processor.from.name, partitionKey),
    position: sortableNumber(sequenceNumber),
    processor: processor.id,
    stream: processor.from.name,
    partitionKey,
    sequenceNumber,
    payload: data,
    reason: 'given-up',
    error,
  }));
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const RECORD_TEXTS = ['partitionKey', 'sequenceNumber', 'data'] as const;

const isKinesisEvent = (value: unknown): value is KinesisEvent => {
  const records = fieldOf(value, 'Records');
  return (
    Array.isArray(records) &&
    records.every((record) =>
      RECORD_TEXTS.every((name) => typeof fieldOf(fieldOf(record, 'kinesis'), name) === 'string'),
    )
  );
};
