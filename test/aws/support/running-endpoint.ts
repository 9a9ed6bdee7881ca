/** An endpoint that speaks AWS, ready to be used. */
export interface RunningEndpoint {
  readonly url: string;
  /** Stops what was started for it; nothing where it was there already. */
  close(): Promise<void>;
}
