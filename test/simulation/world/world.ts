import type { LocalRuntime } from '../../../shared/runtime/local/local-runtime.ts';
import type { Chance } from '../chance.ts';
import { CLOCK_START_MS, type Code, type Portion } from '../scenario/scenario.ts';
import { FaultCounts } from './fault-counts.ts';
import type { Profile } from './profile.ts';
import { reshard } from './reshard.ts';
import type { Trace } from './trace.ts';

const MINUTE_MS = 60_000;
/** As long as no partition key that has a timer can be idle, a sweep must do nothing. */
const NOBODY_IS_IDLE_MS = 10 * MINUTE_MS;
const MOST_ZOMBIES = 6;
/** From here on an engine must see for itself that it has taken too long; see decision 0007. */
const GUARD_MS = 7.5 * MINUTE_MS;
const TIME_OUT_MS = MINUTE_MS;

/** An invocation that its caller has given up and that stands still somewhere. */
interface Zombie {
  readonly name: string;
  readonly sinceMs: number;
  readonly resume: () => void;
}

/** Everything around the engines of a faulty run: the clock, the input to come, and what may happen meanwhile. */
export class World {
  readonly chance: Chance;
  readonly profile: Profile;
  readonly trace: Trace;
  readonly counts = new FaultCounts();
  readonly code: Code = { isFixed: false };
  /** What went wrong on the way, for people. */
  readonly problems: string[] = [];
  nowMs = CLOCK_START_MS;
  /** Whether anything but plain work happens. */
  isWild = false;
  /** How often a message to people may have gone out twice. */
  mailRisks = 0;
  #faultsLeft = 0;
  #phaseStartMs = CLOCK_START_MS;
  #portions: Portion[] = [];
  #zombies: Zombie[] = [];
  readonly #aside = new Set<Promise<unknown>>();
  readonly #source: string;
  #runtime: LocalRuntime | undefined;
  readonly #produced: (sequenceNumber: string) => void;

  constructor(
    source: string,
    chance: Chance,
    profile: Profile,
    trace: Trace,
    produced: (sequenceNumber: string) => void,
  ) {
    this.#source = source;
    this.chance = chance;
    this.profile = profile;
    this.trace = trace;
    this.#produced = produced;
  }

  get runtime(): LocalRuntime {
    if (this.#runtime === undefined) throw new Error('the world has no runtime yet');
    return this.#runtime;
  }

  set runtime(runtime: LocalRuntime) {
    this.#runtime = runtime;
  }

  begin(portions: readonly Portion[]): void {
    this.isWild = true;
    this.#portions = [...portions];
    this.#phaseStartMs = this.nowMs;
    this.#faultsLeft = this.profile.faults;
  }

  /** Faults again, after the input of the phase. */
  rage(): void {
    this.#faultsLeft = this.profile.faults;
  }

  /** No new faults from here on. Who stands still goes on standing. */
  calm(): void {
    this.isWild = false;
    this.#faultsLeft = 0;
    this.code.isFixed = true;
  }

  /** Whether a fault happens that is this likely. */
  wants(likely: number): boolean {
    if (this.#faultsLeft <= 0 || !this.chance.yes(likely)) return false;
    this.#faultsLeft -= 1;
    return true;
  }

  /** What may happen at any time. */
  turn(): void {
    if (!this.isWild) return;
    const { chance, profile } = this;
    if (chance.yes(0.3)) this.nowMs += chance.below(2_000);
    if (this.#zombies.length > 0 && chance.yes(0.12)) this.resumeOne();
    if (this.wants(profile.reshard)) this.#reshard();
    if (chance.yes(profile.earlyInput)) this.produce();
    if (!this.code.isFixed && chance.yes(0.05)) this.deploy();
    if (this.nowMs - this.#phaseStartMs < NOBODY_IS_IDLE_MS && this.wants(profile.needlessSweep)) {
      this.counts.add('sweep without need');
      this.aside(this.runtime.sweep());
    }
  }

  deploy(): void {
    this.trace.say('the fix is deployed');
    this.code.isFixed = true;
  }

  /** Puts the next portion of the input; whether there was one. */
  produce(): boolean {
    const portion = this.#portions.shift();
    if (portion === undefined) return false;
    this.trace.say(`${String(portion.length)} raw records are put`);
    for (const { sequenceNumber } of this.runtime.storage.log.put(this.#source, portion, this.nowMs)) {
      this.#produced(sequenceNumber);
    }
    return true;
  }

  get hasInput(): boolean {
    return this.#portions.length > 0;
  }

  /** Something that goes on beside everything else. */
  aside(work: Promise<unknown>): void {
    const settled = work
      .catch(() => undefined)
      .then(() => {
        this.#aside.delete(settled);
      });
    this.#aside.add(settled);
  }

  /** Waits for what was put aside, and for what follows from it. */
  async settle(): Promise<void> {
    while (this.#aside.size > 0) await Promise.all(this.#aside);
  }

  get canPause(): boolean {
    return this.#zombies.length < MOST_ZOMBIES;
  }

  pause(name: string, resume: () => void): void {
    this.#zombies.push({ name, sinceMs: this.nowMs, resume });
    // Its caller waits for it, for a while.
    this.nowMs += this.chance.below(TIME_OUT_MS);
  }

  resumeOne(): void {
    const zombie = this.chance.pick(this.#zombies);
    this.#zombies = this.#zombies.filter((one) => one !== zombie);
    const pausedMs = this.nowMs - zombie.sinceMs;
    const when = pausedMs <= TIME_OUT_MS ? 'in time' : pausedMs <= GUARD_MS ? 'late' : 'past its guard';
    this.counts.add(`zombie goes on ${when}`);
    this.trace.say(`${zombie.name} goes on after ${String(pausedMs)} ms`);
    zombie.resume();
  }

  resumeSome(): void {
    if (this.#zombies.length > 0) this.resumeOne();
  }

  /** Lets everybody go on, and those who stand still again, until nobody does. */
  async resumeAll(): Promise<void> {
    while (this.#zombies.length > 0) {
      this.resumeOne();
      for (let turns = 0; turns < 100; turns++) await undefined;
    }
  }

  #reshard(): void {
    const { log } = this.runtime.storage;
    const said = reshard(log, this.chance.pick(log.streams()), this.chance);
    if (said === undefined) return;
    this.counts.add(`reshard: ${said.kind}`);
    this.trace.say(said.text);
  }
}
