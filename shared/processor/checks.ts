import { checkName } from '../stream/stream.ts';
import type { Outputs } from './outputs.ts';
import type { TimerOptions, Timers } from './processor.ts';

const ID = /^[a-zA-Z0-9_.-]+(\/[a-zA-Z0-9_.-]+)*$/;

/** The id itself; throws for one that cannot name state, lanes and metrics. */
export const checkId = (id: string): string => {
  if (!ID.test(id) || id.length > 128) {
    throw new RangeError(
      `processor id must be names joined by '/', at most 128 characters of a-z A-Z 0-9 _ . -, got '${id}'`,
    );
  }
  return id;
};

/** Throws where two outputs would give their records one origin. */
export const checkOutputs = (id: string, to: Outputs): void => {
  const seen = new Map<string, string>();
  for (const [name, target] of Object.entries(to)) {
    checkName('output', name);
    const other = seen.get(target.name);
    if (other !== undefined) {
      throw new RangeError(
        `processor '${id}' names '${target.name}' twice, as '${other}' and '${name}': records of both would get one origin; use one output`,
      );
    }
    seen.set(target.name, name);
  }
};

/** Throws for timers that cannot work. */
export const checkTimers = (
  id: string,
  timers: TimerOptions | undefined,
  { hasOnTimer, fanIn, isTable }: { readonly hasOnTimer: boolean; readonly fanIn: boolean; readonly isTable: boolean },
): void => {
  if ((timers === undefined) === hasOnTimer) {
    throw new TypeError(`processor '${id}' has only one of 'timers' and 'onTimer': give both or none`);
  }
  if (timers === undefined) return;
  if (fanIn) {
    throw new TypeError(
      `processor '${id}' has fanIn and timers: partition keys have no common event time; use a processor per partition key first`,
    );
  }
  if (isTable) {
    throw new TypeError(
      `processor '${id}' has timers and fills a table, and rows have no timers: leave 'as' out, and fill the table from a second processor`,
    );
  }
  const { graceMs, idleAfterMs, aheadToleranceMs = 0 } = timers;
  for (const [name, value] of Object.entries({ graceMs, idleAfterMs, aheadToleranceMs })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(
        `${name} of processor '${id}' must be a whole number of milliseconds from 0, got ${String(value)}`,
      );
    }
  }
};

/** Throws for a state version that is none. */
export const checkVersion = (id: string, version: number): void => {
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new RangeError(`version of processor '${id}' must be a whole number from 1, got ${String(version)}`);
  }
};

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Timers with their default tolerance. */
export const withTolerance = (timers: TimerOptions): Timers => {
  const atLeastMs = timers.whenIdle === 'follow-clock' ? DAY_MS : MINUTE_MS;
  return { ...timers, aheadToleranceMs: timers.aheadToleranceMs ?? Math.max(timers.graceMs, atLeastMs) };
};
