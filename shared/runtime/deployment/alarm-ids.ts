/** Alarms of every processor; infrastructure makes one for each. */
export const PROCESSOR_ALARMS = [
  'IteratorAge',
  'HeldPartitions',
  'DeadLetters',
  'GivenUp',
  'Dropped',
  'Throttles',
  'Errors',
] as const;

/** Alarms that only processors with timers have. */
export const TIMER_ALARMS = ['WatermarkDelay'] as const;

/** The id of an alarm within its processor. */
export type AlarmId = (typeof PROCESSOR_ALARMS | typeof TIMER_ALARMS)[number];
