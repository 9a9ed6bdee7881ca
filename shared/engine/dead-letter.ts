import type { Origin } from '../stream/origin.ts';

/**
 * A record no step could take, kept whole. Its identity is its processor and origin, so writing it twice is writing it
 * once.
 */
export interface DeadLetter extends Origin {
  readonly processor: string;
  readonly stream: string;
  readonly partitionKey: string;
  readonly sequenceNumber: string;
  /** The bytes as they came, base64. */
  readonly payload: string;
  /**
   * `given-up`: delivered as often as the mapping does, and held each time. `position-went-back`: a new record under a position
   * that its stream had passed, so the stream was replaced.
   */
  readonly reason: DeadLetterReason;
  /** Message of what went wrong. */
  readonly error: string;
  /** Where it went wrong in the step's code, if it was a throw. */
  readonly stack?: string;
}

/** One text per dead letter: the same for every delivery of the record. */
export const deadLetterId = ({ processor, lane, position }: DeadLetter): string => `${processor} ${lane} ${position}`;

type DeadLetterReason = 'undecodable' | 'step-failed' | 'given-up' | 'position-went-back';

const REASONS: ReadonlySet<unknown> = new Set<DeadLetterReason>([
  'undecodable',
  'step-failed',
  'given-up',
  'position-went-back',
]);

const TEXTS = [
  'processor',
  'stream',
  'partitionKey',
  'sequenceNumber',
  'lane',
  'position',
  'payload',
  'error',
] as const;

/** Whether parsed JSON is a dead letter. */
export const isDeadLetter = (value: unknown): value is DeadLetter =>
  typeof value === 'object' &&
  value !== null &&
  TEXTS.every((name) => typeof Reflect.get(value, name) === 'string') &&
  'reason' in value &&
  REASONS.has(value.reason);
