import { deleted, processor, type Processor } from '../../shared/index.ts';
import type { LoggedRequest } from './log-line.ts';
import { alerts, requests, type Alert, type ErrorKind } from './streams.ts';

/** Errors within {@link QUIET_MS} that begin an episode: links break one visitor at a time, servers should not fail at all. */
const ERRORS_TO_ALERT = { '404': 5, '5xx': 1 } as const;

/** An episode ends when a URL had no such error for this long. */
const QUIET_MS = 300_000;

/** Errors of one kind of a URL. */
interface Errors {
  /** Times in order, while there is no episode: only those that may still begin one. */
  readonly recentMs: readonly number[];
  readonly episode?: Episode;
}

interface Episode {
  readonly sinceMs: number;
  readonly lastMs: number;
  readonly errors: number;
}

const NO_ERRORS: Errors = { recentMs: [] };

/**
 * Says when a URL begins to fail and when it works again, once each: an episode is a run of errors without a pause of five minutes.
 * It reads requests and not windows, so an alert leaves with the request that causes it.
 */
export const watch = ({ graceMs }: { readonly graceMs: number }): Processor =>
  processor({
    id: 'weblog/watch',
    from: requests,
    to: { alerts },
    key: ({ url, status }) => keyOf(errorKindOf(status), url),
    initial: () => NO_ERRORS,
    timers: { graceMs, idleAfterMs: 15 * 60_000, whenIdle: 'follow-clock' },
    step: ({ value, state, timeMs, watermarkMs }) => {
      const error = errorKindOf(value.status);
      if (error === undefined) return { outcome: 'filtered' };
      if (timeMs + QUIET_MS + graceMs <= watermarkMs) return { outcome: 'late' };
      const { said, errors, lastMs } = follow(state, error, value);
      return { state: errors, timerMs: lastMs + QUIET_MS, emit: { alerts: said } };
    },
    onTimer: ({ state: { episode }, key }) => {
      const { error, url } = partsOf(key);
      return {
        state: deleted,
        emit: { alerts: episode === undefined ? [] : [alertOf('resolved', error, url, episode)] },
      };
    },
  });

interface Step {
  readonly said: readonly Alert[];
  readonly errors: Errors;
  /** Time of the newest error. */
  readonly lastMs: number;
}

const follow = ({ recentMs, episode }: Errors, error: ErrorKind, { url, timeMs }: LoggedRequest): Step => {
  if (episode !== undefined && timeMs - episode.lastMs <= QUIET_MS) {
    const lastMs = Math.max(episode.lastMs, timeMs);
    return { said: [], errors: { recentMs, episode: { ...episode, lastMs, errors: episode.errors + 1 } }, lastMs };
  }
  const ended = episode === undefined ? [] : [alertOf('resolved', error, url, episode)];
  const known = episode === undefined ? recentMs : [];
  const lastMs = Math.max(timeMs, ...known);
  const near = [...known, timeMs].filter((one) => lastMs - one <= QUIET_MS).sort((one, other) => one - other);
  if (near.length < ERRORS_TO_ALERT[error]) return { said: ended, errors: { recentMs: near }, lastMs };
  const begun = { sinceMs: near[0] ?? timeMs, lastMs, errors: near.length };
  return { said: [...ended, alertOf('alert', error, url, begun)], errors: { recentMs: [], episode: begun }, lastMs };
};

const errorKindOf = (status: number): ErrorKind | undefined => {
  if (status === 404) return '404';
  return status >= 500 ? '5xx' : undefined;
};

/** One key for all that is well: it has no state, so it costs no item a URL. */
const keyOf = (error: ErrorKind | undefined, url: string): string => (error === undefined ? 'none' : `${error} ${url}`);

const partsOf = (key: string): { readonly error: ErrorKind; readonly url: string } => ({
  error: key.startsWith('404') ? '404' : '5xx',
  url: key.slice(4),
});

const alertOf = (kind: Alert['kind'], error: ErrorKind, url: string, { sinceMs, lastMs, errors }: Episode): Alert => ({
  kind,
  error,
  url,
  since: new Date(sinceMs).toISOString(),
  last: new Date(lastMs).toISOString(),
  errors,
});
