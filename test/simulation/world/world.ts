import type { LocalRuntime } from '../../../shared/runtime/local/local-runtime.ts';
import type { PutEntry } from '../../../shared/runtime/local/log/partitioned-log.ts';
import type { ConditionalWrite } from '../../../shared/state/state-store.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { CLOCK_START_MS, type Code, type Chunk } from '../scenario/scenario.ts';
import type { EditedTable } from './edited-table.ts';
import { FaultCounts } from './fault-counts.ts';
import { hardshipsOf, isFull, type Hardships } from './hardships.ts';
import { Outage } from './outage.ts';
import type { Profile } from './profile.ts';
import { reshard } from './reshard.ts';
import { StandingStill, TIME_OUT_MS } from './standing-still.ts';
import type { Trace } from './trace.ts';

/** As long as no partition key that has become active since can be idle again, a sweep must leave all of them alone. */
const NONE_IS_IDLE_MS = 10 * 60_000;

/** What a world is made of. */
interface WorldParts {
  readonly chance: SeededRandom;
  readonly profile: Profile;
  readonly trace: Trace;
  /** Puts raw records into the stream the input goes into. */
  readonly put: (entries: readonly PutEntry[]) => void;
  /** Starts the runtime, which goes on where its last checkpoint stands. */
  readonly start: () => LocalRuntime;
  readonly table: EditedTable<unknown> | undefined;
}

/** Everything around the engines of a run: the clock, the input to come, and what may happen meanwhile. */
export class World {
  readonly chance: SeededRandom;
  readonly profile: Profile;
  readonly trace: Trace;
  readonly counts: FaultCounts = new FaultCounts();
  readonly code: Code = { isFixed: false, version: 1 };
  readonly outage: Outage = new Outage();
  readonly hardships: Hardships;
  /** Ids of records that were given up and whose document was lost: no letter tells of them. */
  readonly dropped = new Set<string>();
  /** What went wrong on the way, for people. */
  readonly problems: string[] = [];
  nowMs: number = CLOCK_START_MS;
  /** Whether the sweeps that come move event time and get no further. */
  sweepsFailHalfWay = false;
  /**
   * A sweep is to overtake batches: those of processors with timers are begun and stand still, and after that are not tried
   * any more until the sweep has come through.
   */
  overtaking: 'no' | 'begun' | 'waiting' = 'no';
  /** Whether that has happened to any batch. */
  hasOvertaken = false;
  /** The longest time, in milliseconds, that input waited until all of it was done. */
  maxWorkMs = 0;
  /** How often a message to people may have gone out twice. */
  mailRisks = 0;
  /** How often records were processed without the mapping, and so the books, hearing of it. */
  unheard = 0;
  readonly #parts: WorldParts;
  readonly #still = new StandingStill();
  readonly #aside = new Set<Promise<unknown>>();
  #restedMs: number = CLOCK_START_MS;
  #isWild = false;
  #faultsLeft = 0;
  #phaseStartMs: number = CLOCK_START_MS;
  #chunks: Chunk[] = [];
  #runtime: LocalRuntime | undefined;

  constructor(parts: WorldParts) {
    this.#parts = parts;
    this.chance = parts.chance;
    this.profile = parts.profile;
    this.hardships = hardshipsOf(parts.chance);
    this.trace = parts.trace;
  }

  get runtime(): LocalRuntime {
    this.#runtime ??= this.#parts.start();
    return this.#runtime;
  }

  /** A phase of the input begins: from here on anything may happen. */
  begin(chunks: readonly Chunk[]): void {
    this.trace.say('a phase begins');
    this.#isWild = true;
    this.#chunks = [...chunks];
    this.#phaseStartMs = this.nowMs;
    this.enableFaults();
  }

  /** All partition keys fall idle. */
  fallIdle(idleMs: number): void {
    this.trace.say('all partition keys fall idle');
    this.nowMs += idleMs;
    this.#phaseStartMs = this.nowMs;
  }

  /** Whether the store takes no write of this item any more, because what it belongs to is full. */
  refusesForGood(write: ConditionalWrite): boolean {
    if (!this.#isWild || this.table === undefined || !isFull(this.hardships, write)) return false;
    this.counts.add('item refused for good');
    return true;
  }

  /** The table that is edited under way, in a run that has one. */
  get table(): EditedTable<unknown> | undefined {
    return this.#parts.table;
  }

  /** Notes how long the input that is under way has been so. */
  noteWork(isDrained: boolean): void {
    if (isDrained) this.#restedMs = this.nowMs;
    else this.maxWorkMs = Math.max(this.maxWorkMs, this.nowMs - this.#restedMs);
  }

  enableFaults(): void {
    this.#faultsLeft = this.profile.faults;
  }

  /** No new faults from here on. Who stands still goes on standing. */
  calm(): void {
    this.#isWild = false;
    this.#faultsLeft = 0;
    this.outage.end();
  }

  /** Whether a fault happens that is this likely. */
  wants(likely: number): boolean {
    if (this.#faultsLeft <= 0 || !this.chance.yes(likely)) return false;
    this.#faultsLeft -= 1;
    return true;
  }

  /** What may happen at any time. */
  turn(): void {
    if (!this.#isWild) return;
    const { chance, profile } = this;
    if (chance.yes(0.3)) this.nowMs += chance.below(2_000);
    if (chance.yes(0.12)) this.resumeOne();
    if (this.wants(profile.reshard)) this.#reshard();
    if (!this.outage.isOn(this.nowMs) && this.wants(profile.outage)) this.#breakDown();
    if (chance.yes(profile.earlyInput)) this.produce();
    if (chance.yes(0.01)) this.deploy();
    if (this.wants(profile.needlessSweep)) this.sweepWithCare();
  }

  /** A sweep, unless a partition under way could count as idle by now. */
  sweepWithCare(): void {
    if (this.nowMs - this.#phaseStartMs >= NONE_IS_IDLE_MS) return;
    this.counts.add('sweep beside the work');
    this.aside(this.runtime.sweep());
  }

  /** What may happen when nothing is in flight but zombies: the poller is started anew from an old checkpoint. */
  pollerTurn(): void {
    if (this.chance.yes(0.2)) this.runtime.checkpoint();
    if (!this.wants(this.profile.restart)) return;
    this.counts.add('poller restart');
    this.trace.say('the poller is started anew');
    this.unheard += 1;
    this.#runtime = this.#parts.start();
  }

  deploy(): void {
    if (!this.code.isFixed) this.trace.say('the fix is deployed');
    this.code.isFixed = true;
  }

  get hasInput(): boolean {
    return this.#chunks.length > 0;
  }

  /** Puts the next chunk of the input, if there is one. */
  produce(): void {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) this.put(chunk);
  }

  put(chunk: Chunk): void {
    const entries = chunk(this.nowMs);
    this.trace.say(`${String(entries.length)} raw records are put`);
    this.#parts.put(entries);
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
    return this.#still.hasRoom;
  }

  pause(name: string, resume: () => void): void {
    this.#still.add({ name, sinceMs: this.nowMs, resume });
    // Its caller waits for it, for a while.
    this.nowMs += this.chance.below(TIME_OUT_MS);
  }

  /** Lets a zombie go on, if there is one. */
  resumeOne(): void {
    if (this.#still.count === 0) return;
    const { name, when } = this.#still.release(this.chance, this.nowMs);
    this.counts.add(`zombie goes on ${when}`);
    this.trace.say(`${name} goes on, ${when}`);
  }

  /** Lets all zombies go on, and those that stand still again, until none is left. */
  async resumeAll(): Promise<void> {
    while (this.#still.count > 0) {
      this.resumeOne();
      for (let turns = 0; turns < 200; turns++) await Promise.resolve();
    }
  }

  #breakDown(): void {
    const what = this.outage.begin(this.chance, this.nowMs);
    this.counts.add(`outage of ${what}`);
    this.trace.say(`an outage of ${what} begins`);
  }

  #reshard(): void {
    const { log } = this.runtime.storage;
    const done = reshard(log, this.chance.pick(log.streams()), this.chance);
    if (done === undefined) return;
    this.counts.add(`reshard: ${done.kind}`);
    this.trace.say(done.text);
  }
}
