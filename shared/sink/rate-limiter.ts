/** Limits how many messages leave in any second; see {@link rateLimiter}. */
export interface RateLimiter {
  /** How many may leave now. */
  free(nowMs: number): number;
  /** Milliseconds until at least one may leave; 0 if one may now. */
  waitMs(nowMs: number): number;
  /** Counts messages as gone. Pass the time at which they had surely left. */
  spend(count: number, nowMs: number): void;
}

/**
 * Makes a limit of whole messages in any second, or of one message in several seconds for a rate below 1. Throws a `RangeError`
 * unless the rate is above 0.
 *
 * @example
 * ```ts
 * rateLimiter(10).free(0); // 10
 * rateLimiter(2.5).free(0); // 2
 * ```
 */
export const rateLimiter = (perSecond: number): RateLimiter => {
  if (!(perSecond > 0)) {
    throw new RangeError(`messagesPerSecond must be above 0, got ${String(perSecond)}`);
  }
  const max = Math.max(1, Math.floor(perSecond));
  const windowMs = 1000 * Math.max(1, 1 / perSecond);
  /** When the newest messages left, earliest first. */
  let gone: readonly number[] = [];
  return {
    free: (nowMs) => max - gone.filter((at) => at > nowMs - windowMs).length,
    waitMs: (nowMs) => (gone.length < max ? 0 : Math.max(0, (gone[0] ?? nowMs) + windowMs - nowMs)),
    spend: (count, nowMs) => {
      gone = [...gone, ...Array.from({ length: count }, () => nowMs)].slice(-max);
    },
  };
};
