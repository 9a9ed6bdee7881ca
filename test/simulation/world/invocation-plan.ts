import { firstShare, type Fault, type IoPoint, type Takes } from '../../../shared/testing/faults.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** What is going to happen to one invocation. */
export type PlanKind =
  | 'none'
  | 'crash'
  | 'refuse'
  | 'zombie'
  | 'contention'
  /** Another environment processes the same batch, all of it, before this one writes. */
  | 'rival'
  /** A sweep that moves event time and gets no further. */
  | 'half-way'
  /** A zombie that stands still before it emits anything, or dies. */
  | 'overtaken';

/** What a plan tells when it strikes. */
export interface PlanEvents {
  readonly struck: (what: string, point: IoPoint) => void;
  /** The invocation stands still; `resume` lets it go on, once. */
  readonly paused: (point: IoPoint, resume: () => void) => void;
  /** Whether a service is out, and refuses whatever this call carries. */
  readonly isOut?: (point: IoPoint) => boolean;
}

/** Calls of which a part can be refused; one that only reads can but fail. */
const CARRYING: ReadonlySet<IoPoint> = new Set<IoPoint>(['advance', 'put', 'dead-letter', 'notify', 'write']);
/** A store or a stream that throttles mostly does so alone. */
const THROTTLING: readonly ReadonlySet<IoPoint>[] = [
  CARRYING,
  new Set<IoPoint>(['write']),
  new Set<IoPoint>(['write']),
  new Set<IoPoint>(['put', 'dead-letter', 'notify']),
];
const EFFECTS: ReadonlySet<IoPoint> = new Set<IoPoint>(['put', 'dead-letter', 'notify', 'write']);
const NONE: Fault = { kind: 'none' };

/** Decides, call by call, what an invocation meets. */
export class InvocationPlan {
  readonly #chance: SeededRandom;
  readonly #slowCall: number;
  readonly #events: PlanEvents;
  readonly #throttling: ReadonlySet<IoPoint>;
  #kind: PlanKind;
  /** Number of the call that is struck; refusals and conflicts may strike the later ones too. */
  #strikesAt: number;
  #isDead = false;
  #point: IoPoint = 'load';
  calls = 0;
  /** Whether another environment wrote first. */
  hadRival = false;

  constructor(kind: PlanKind, strikesAt: number, slowCall: number, chance: SeededRandom, events: PlanEvents) {
    this.#kind = kind;
    this.#strikesAt = strikesAt;
    this.#slowCall = slowCall;
    this.#chance = chance;
    this.#events = events;
    this.#throttling = chance.pick(THROTTLING);
  }

  decide(point: IoPoint): Fault {
    this.#point = point;
    const call = this.calls++;
    // The dead do not read or write any more, even where a process had two calls under way.
    if (this.#isDead) return { kind: 'crash', takes: firstShare(0) };
    if (this.#events.isOut?.(point) === true) {
      this.#events.struck('outage', point);
      return { kind: 'refuse', takes: firstShare(0) };
    }
    const share = this.#chance.pick([0, 0.3, 0.5, 0.7, 1]);
    const takes = this.#takes(share);
    const refusal = this.#takes(Math.min(share, 0.7));
    if (this.#kind === 'refuse' && call >= this.#strikesAt && this.#throttling.has(point) && this.#chance.yes(0.5)) {
      this.#events.struck(point === 'put' && share > 0 ? 'partial' : 'refused', point);
      return { kind: 'refuse', takes: refusal };
    }
    if (this.#kind === 'half-way' && (point === 'put' || point === 'write')) {
      this.#events.struck('half-way', point);
      return { kind: 'refuse', takes: refusal };
    }
    if (this.#kind === 'overtaken' && EFFECTS.has(point)) {
      this.#isDead = true;
      return { kind: 'crash', takes: firstShare(0) };
    }
    if (this.#kind === 'overtaken' && call >= this.#strikesAt) {
      this.#kind = 'none';
      return { kind: 'pause', until: this.#pause(point) };
    }
    if (this.#kind === 'crash' && call === this.#strikesAt) {
      this.#isDead = true;
      this.#events.struck('crash', point);
      return { kind: 'crash', takes };
    }
    if (this.#kind === 'zombie' && call === this.#strikesAt) {
      // Once it goes on, it may meet something else.
      this.#kind = this.#chance.pick(['none', 'none', 'crash', 'refuse', 'zombie']);
      this.#strikesAt = this.calls + this.#chance.below(3);
      return { kind: 'pause', until: this.#pause(point) };
    }
    return this.#chance.yes(this.#slowCall) ? { kind: 'pause', until: turns(this.#chance.between(1, 15)) } : NONE;
  }

  /** Items that happen all the same: the first ones, or any. */
  #takes(share: number): Takes {
    if (this.#chance.yes(0.5)) return firstShare(share);
    const salt = this.#chance.below(1_000_003);
    return (index) => ((index + 1) * 7_919 + salt) % 1_000 < share * 1_000;
  }

  /** Whether the conditional writes of the call that was decided last fail, because another writer seems to win. */
  isContended(): boolean {
    const isStruck = this.#kind === 'contention' && this.#chance.yes(0.85);
    if (isStruck) this.#events.struck('contention', this.#point);
    return isStruck;
  }

  /** Whether another environment writes first, before the call that was decided last; once. */
  takeRival(): boolean {
    const isStruck = this.#kind === 'rival';
    if (!isStruck) return false;
    this.#kind = 'none';
    this.hadRival = true;
    return true;
  }

  #pause(point: IoPoint): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#events.struck('zombie', point);
    this.#events.paused(point, () => {
      resolve(undefined);
    });
    return promise;
  }
}

/** Settled after that many turns of whatever else is under way. */
const turns = async (count: number): Promise<void> => {
  for (let left = count; left > 0; left--) await Promise.resolve();
};
