import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];

/** Whether the user wants an end, for work that can only stop at certain points. */
export interface Interrupt extends Disposable {
  /** The first signal that came. */
  readonly signal: Signal | undefined;
  /** Exit code of a command that a signal ended; 0 where none came. */
  readonly exitCode: number;
}

/**
 * Listens for Ctrl-C and its kin. The first one asks for an end; a second one ends the process there and then, which loses
 * what was not committed and nothing else. `onFirst` is for work that waits.
 */
export const listenForInterrupt = (onFirst?: () => void): Interrupt => {
  let first: Signal | undefined;
  const onSignal = (signal: Signal): void => {
    if (first !== undefined) process.exit(exitCodeOf(signal));
    first = signal;
    onFirst?.();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    get signal() {
      return first;
    },
    get exitCode() {
      return first === undefined ? 0 : exitCodeOf(first);
    },
    [Symbol.dispose]: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
};

const exitCodeOf = (signal: Signal): number => 128 + constants.signals[signal];
