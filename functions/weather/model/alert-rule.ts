/** How an observed value is compared with a threshold: `<=` alerts if the value is at or below it. */
export const ComparisonOp = { AtMost: '<=', Below: '<', AtLeast: '>=', Above: '>' } as const;
export type ComparisonOp = (typeof ComparisonOp)[keyof typeof ComparisonOp];

/**
 * When a rule alerts: at `every` matching observation; or once for a whole `episode`, from the day its condition begins to hold to the
 * day it ends. How an episode ends when its rule is edited: see `weather/alert`.
 */
export const AlertMode = { Every: 'every', Episode: 'episode' } as const;
export type AlertMode = (typeof AlertMode)[keyof typeof AlertMode];

/** What one recipient wants to hear of; field names are those of the rules file. */
export interface AlertRule {
  /** Unique in a file; 1 to 100 printable characters. */
  readonly id: string;
  /** The recipient. */
  readonly email: string;
  readonly element: string;
  readonly op: ComparisonOp;
  /** In plain units: degrees Celsius, millimetres, metres per second. */
  readonly threshold: number;
  /** Only this station. A rule has this or `location` or neither, never both; with neither it covers all stations. */
  readonly station_id?: string;
  /** Only stations of exactly this location: `US-AZ`, or `GM` for a country without states. */
  readonly location?: string;
  readonly mode: AlertMode;
  /** Days from the last message about an episode to the next reminder, 1 to 3,650; only with mode `episode`. No reminders if absent. */
  readonly reminderDays?: number;
}
