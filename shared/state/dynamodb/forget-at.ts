import type { ConditionalWrite } from '../state-store.ts';

/**
 * When DynamoDB may delete an item, in seconds since 1970; undefined for never. Only a ledger without state or timer is
 * forgotten: it serves to know repeats, and there are none once the stream has let go of the records.
 *
 * @example
 * ```ts
 * forgetAt({ state: undefined, timerMs: undefined }, 1_500, 60_000); // 62
 * forgetAt({ state: '{}', timerMs: undefined }, 1_500, 60_000); // undefined
 * forgetAt({ state: undefined, timerMs: 0 }, 1_500, 60_000); // undefined
 * ```
 */
export const forgetAt = (
  { state, timerMs }: Pick<ConditionalWrite, 'state' | 'timerMs'>,
  nowMs: number,
  forgetAfterMs: number,
): number | undefined =>
  state === undefined && timerMs === undefined ? Math.ceil((nowMs + forgetAfterMs) / 1000) : undefined;
