/** What lines of a function's log are about, in their field `event`; who reads logs finds them by it. */
export const LOG_EVENTS = {
  /** A partition key whose records must be delivered again: `lane`, `sequenceNumber`, `because`. */
  laneHeld: 'lane-held',
  /** More of them than are told one by one: `lanes`. */
  moreLanesHeld: 'more-lanes-held',
  /** Records that were left for the next invocation: `records`, `sequenceNumber`, `because`. */
  recordsUntaken: 'records-untaken',
  /** Something that a stream, topic or bucket did not take, so that lanes are held: `target`, `because`. */
  outputRefused: 'output-refused',
  batchTaken: 'batch-taken',
  swept: 'swept',
  invocationFailed: 'invocation-failed',
} as const;
