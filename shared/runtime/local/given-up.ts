import type { DeadLetter } from '../../engine/dead-letter.ts';
import type { Processor } from '../../processor/processor.ts';
import { rootLane, sortableNumber } from '../../stream/origin.ts';
import type { KinesisEvent } from '../kinesis-event.ts';

/**
 * Dead letters of the records that a mapping has given up, from the document it sends to its on-failure bucket. One letter a
 * Kinesis record, which may hold many packed ones; its origin is its place in the stream.
 *
 * Throws a `TypeError` for a document that is none.
 */
export const givenUpLetters = (document: string, processor: Processor): readonly DeadLetter[] => {
  const parsed: unknown = JSON.parse(document);
  const payload = fieldOf(parsed, 'payload');
  const event: unknown = typeof payload === 'string' ? JSON.parse(payload) : undefined;
  if (!isKinesisEvent(event)) throw new TypeError('the on-failure document holds no Kinesis event');
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

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

const isKinesisEvent = (value: unknown): value is KinesisEvent => Array.isArray(fieldOf(value, 'Records'));
