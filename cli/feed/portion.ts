/** Raw records that one cycle takes in, with what must be noted so that a later process can go on behind them. */
export interface Portion<Position> {
  /** In order; empty where only the position moves on. */
  readonly records: readonly string[];
  /** Plain data: it goes through JSON. */
  readonly position: Position;
  /** How much of the whole input is behind this portion, in whatever unit the feed has. */
  readonly done: number;
}
