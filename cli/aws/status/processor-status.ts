/** How a deployed processor is. What could not be found out is undefined. */
export interface ProcessorStatus {
  readonly id: string;
  readonly mapping: MappingStatus | undefined;
  /** Age in milliseconds of the oldest record that was just taken, at its highest in the last minutes. */
  readonly lagMs: number | undefined;
  /** Partition keys that were held in the last minutes, with the newest cause. */
  readonly held: readonly HeldLaneStatus[] | undefined;
  /** Of the partition keys with open timers; absent where a processor has no timers. */
  readonly watermarks?: WatermarkStatus | undefined;
  /** Objects in the bucket of dead letters. */
  readonly deadLetters: number | undefined;
}

export interface MappingStatus {
  /** As Lambda says it: Enabled, Disabled, Updating. */
  readonly state: string;
  readonly lastResult: string | undefined;
}

export interface HeldLaneStatus {
  readonly lane: string;
  readonly because: string;
  readonly times: number;
  readonly lastMs: number;
}

export interface WatermarkStatus {
  /** Partition keys. */
  readonly lanes: number;
  /** The partition key that is furthest behind in event time, if any has come anywhere. */
  readonly lowest: { readonly partitionKey: string; readonly watermarkMs: number } | undefined;
}

/** How a deployment is. */
export interface DeploymentStatus {
  readonly stack: string;
  readonly processors: readonly ProcessorStatus[];
  /** Alarms that are in ALARM; undefined where that could not be found out. */
  readonly alarms: readonly { readonly name: string; readonly about: string }[] | undefined;
  /** What could not be found out, and why. */
  readonly problems: readonly string[];
}
