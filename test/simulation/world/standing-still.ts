import type { SeededRandom } from '../seeded-random.ts';

const MINUTE_MS = 60_000;
const MAX_ZOMBIES = 6;

/** Time-out of the functions: a caller waits no longer, and Lambda would end them. */
export const TIME_OUT_MS: number = MINUTE_MS;
/** Half of the shortest `idleAfterMs`: from here on an engine must see for itself that it has taken too long. */
const GUARD_MS = 7.5 * MINUTE_MS;

/** An invocation that its caller has given up and that stands still somewhere. */
interface Zombie {
  readonly name: string;
  readonly sinceMs: number;
  readonly resume: () => void;
}

/** Those who stand still, until they are let go on: while a retry is under way, after it, or much too late. */
export class StandingStill {
  #zombies: readonly Zombie[] = [];

  get count(): number {
    return this.#zombies.length;
  }

  get hasRoom(): boolean {
    return this.#zombies.length < MAX_ZOMBIES;
  }

  add(zombie: Zombie): void {
    this.#zombies = [...this.#zombies, zombie];
  }

  /** Lets one of them go on; says who, and how late it is. */
  release(chance: SeededRandom, nowMs: number): { readonly name: string; readonly when: string } {
    const zombie = chance.pick(this.#zombies);
    this.#zombies = this.#zombies.filter((one) => one !== zombie);
    const stoodMs = nowMs - zombie.sinceMs;
    zombie.resume();
    return {
      name: zombie.name,
      when: stoodMs <= TIME_OUT_MS ? 'in time' : stoodMs <= GUARD_MS ? 'after its time-out' : 'past its guard',
    };
  }
}
