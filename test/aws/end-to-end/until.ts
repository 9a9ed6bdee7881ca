import { setTimeout as sleep } from 'node:timers/promises';

/** What a look at something that is under way tells. */
export type Look<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  /** `progress`: how far it is; the same text means that it stands still. */
  | { readonly kind: 'under way'; readonly progress: string };

const LOOK_AGAIN_MS = 500;
const STIR_AFTER_LOOKS = 20;

/**
 * Looks again and again until something is done, and says in the test's output how far it is.
 *
 * Rejects with the last progress where nothing has moved for `stillMs`: a slow machine is given its time, one that hangs is not.
 * Before that, every ten seconds of standstill, it calls `stir`.
 */
export const until = async <Value>(
  what: string,
  stillMs: number,
  look: () => Promise<Look<Value>>,
  stir?: () => Promise<unknown>,
): Promise<Value> => {
  let progress = '';
  let movedAtMs = Date.now();
  for (let looks = 0; ; looks += 1) {
    const seen = await look();
    if (seen.kind === 'done') return seen.value;
    if (seen.progress !== progress) {
      ({ progress } = seen);
      movedAtMs = Date.now();
      looks = 0;
      process.stderr.write(`${what}: ${progress}\n`);
    } else if (Date.now() - movedAtMs > stillMs) {
      throw new Error(`${what}: nothing has moved for ${String(stillMs / 1_000)} s; it stands at ${progress}`);
    }
    if (looks % STIR_AFTER_LOOKS === STIR_AFTER_LOOKS - 1) await stir?.();
    await sleep(LOOK_AGAIN_MS);
  }
};
