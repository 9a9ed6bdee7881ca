/** A span of event time: the start is in it, the end is not. Milliseconds since 1970. */
export interface Window {
  readonly startMs: number;
  readonly endMsExclusive: number;
}

/**
 * What a kind of windows is. `windowed` stores one state item per key and window, named by start and end, and knows no more
 * about windows than this page: a new kind is one file.
 */
export interface Windows {
  /** How much event time a window stays open after its end; 0 or more. */
  readonly graceMs: number;
  /** The window that a record of this time belongs to. */
  windowAt(timeMs: number): Window;
  /** What a description of the topology says about these windows: plain data, with `kind` first. */
  readonly description: WindowsDescription;
}

/** Windows as data. */
export interface WindowsDescription {
  readonly kind: string;
  readonly graceMs: number;
  readonly [setting: string]: string | number;
}

/** When the timer of a window is due, before grace: the moment it can get no more records in order. */
export const timerAt = ({ endMsExclusive }: Window): number => endMsExclusive;

/**
 * The state key of a key's window.
 *
 * @example
 * ```ts
 * windowKey('sensor-7', { startMs: 0, endMsExclusive: 60_000 }); // 'sensor-7@0/60000'
 * ```
 */
export const windowKey = (key: string, { startMs, endMsExclusive }: Window): string =>
  `${key}@${String(startMs)}/${String(endMsExclusive)}`;

/**
 * The key and the window of a state key.
 *
 * @example
 * ```ts
 * keyedWindow('a@b@0/60000'); // { key: 'a@b', startMs: 0, endMsExclusive: 60_000 }
 * ```
 */
export const keyedWindow = (stateKey: string): Window & { readonly key: string } => {
  const at = stateKey.lastIndexOf('@');
  const to = stateKey.indexOf('/', at);
  return {
    key: stateKey.slice(0, at),
    startMs: Number(stateKey.slice(at + 1, to)),
    endMsExclusive: Number(stateKey.slice(to + 1)),
  };
};
