/** How an observed value is held against a threshold: `<=` alerts where the value is at or below it. */
export const ComparisonOp = { AtMost: '<=', Below: '<', AtLeast: '>=', Above: '>' } as const;
export type ComparisonOp = (typeof ComparisonOp)[keyof typeof ComparisonOp];

/**
 * When a rule speaks: `every` matching observation alerts; or one alert for the whole `episode`, from the day the
 * condition begins to the day it ends.
 */
export const AlertMode = { Every: 'every', Episode: 'episode' } as const;
export type AlertMode = (typeof AlertMode)[keyof typeof AlertMode];

/** What one subscriber wants to hear of; field names are those of the rules file. */
export interface AlertRule {
  /** Different for each rule of a file; 1 to 100 printable characters. */
  readonly id: string;
  /** Who is told. */
  readonly email: string;
  readonly element: string;
  readonly op: ComparisonOp;
  /** In plain units: degrees Celsius, millimetres, metres per second. */
  readonly threshold: number;
  /** Only this station. A rule has this or `location` or neither, never both; with neither it holds for all stations. */
  readonly station_id?: string;
  /** Only stations of exactly this location: `US-AZ`, or `GM` for a country without states. */
  readonly location?: string;
  readonly mode: AlertMode;
  /** Days from the last word about an episode to the next reminder, 1 to 3,650; only with mode `episode`. No reminders if absent. */
  readonly reminderDays?: number;
}
