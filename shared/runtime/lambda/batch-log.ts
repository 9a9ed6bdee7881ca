import type { Logger } from '@aws-lambda-powertools/logger';
import { LOG_EVENTS } from './log-events.ts';
import type { TakenBatch } from './take-batch.ts';

/** A throttled stream can hold thousands of lanes at once; their causes are the same. */
const MOST_LANES_TOLD = 100;

const LONGEST_CAUSE = 500;

/** Says what of a batch must come again, and why: one line a lane. Of the records themselves it says nothing. */
export const logBatch = (logger: Logger, { held, books, untaken }: TakenBatch): void => {
  logger.debug('batch taken', { event: LOG_EVENTS.batchTaken, books });
  for (const { partitionKey, sequenceNumber, because } of held.slice(0, MOST_LANES_TOLD)) {
    const cause = because.slice(0, LONGEST_CAUSE);
    logger.warn('lane held', { event: LOG_EVENTS.laneHeld, lane: partitionKey, sequenceNumber, because: cause });
  }
  if (held.length > MOST_LANES_TOLD) {
    logger.warn('more lanes held', { event: LOG_EVENTS.moreLanesHeld, lanes: held.length - MOST_LANES_TOLD });
  }
  if (untaken === undefined) return;
  const { count, sequenceNumber, because } = untaken;
  logger.warn('records untaken', { event: LOG_EVENTS.recordsUntaken, records: count, sequenceNumber, because });
};
