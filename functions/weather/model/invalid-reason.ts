/**
 * Why a line or an observation is refused: the closed list, apart from {@link QualityFlagReason}.
 *
 * `duplicate-element` and `unknown-station` are found later in the pipeline than the other ones, which are about one line.
 */
export const InvalidReason = {
  MalformedLine: 'malformed-line',
  BadStation: 'bad-station',
  BadDate: 'bad-date',
  BadElement: 'bad-element',
  BadValue: 'bad-value',
  DuplicateElement: 'duplicate-element',
  UnknownStation: 'unknown-station',
} as const;

/** The reason of a value that failed a check of NOAA: `quality-flag:` and the flag of the line. */
export type QualityFlagReason = `quality-flag:${string}`;

/** One reason of the closed list. */
export type InvalidReason = (typeof InvalidReason)[keyof typeof InvalidReason] | QualityFlagReason;
