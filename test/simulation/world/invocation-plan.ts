import type { Fault, IoPoint } from '../../../shared/testing/faults.ts';
import type { Chance } from '../chance.ts';

/** What is going to happen to one invocation. */
export type PlanKind = 'none' | 'crash' | 'refuse' | 'zombie';

/** What a plan tells when it strikes. */
export interface PlanEvents {
  readonly struck: (what: string, point: IoPoint) => void;
  /** The invocation stands still; `resume` lets it go on, once. */
  readonly paused: (point: IoPoint, resume: () => void) => void;
}

/** Points at which a call can be refused in part; one that only reads can but fail. */
const CARRIES: ReadonlySet<IoPoint> = new Set<IoPoint>(['advance', 'put', 'keep', 'notify', 'write']);
const NONE: Fault = { kind: 'none' };

/** Decides, call by call, what an invocation meets. */
export class InvocationPlan {
  readonly #chance: Chance;
  readonly #slowCall: number;
  readonly #events: PlanEvents;
  #kind: PlanKind;
  /** Number of the call that is struck; a refusal may strike the later ones too. */
  #strikesAt: number;
  #isDead = false;
  calls = 0;

  constructor(kind: PlanKind, strikesAt: number, slowCall: number, chance: Chance, events: PlanEvents) {
    this.#kind = kind;
    this.#strikesAt = strikesAt;
    this.#slowCall = slowCall;
    this.#chance = chance;
    this.#events = events;
  }

  decide(point: IoPoint): Fault {
    const call = this.calls++;
    // The dead do not read or write any more, even where a process had two calls under way.
    if (this.#isDead) return { kind: 'crash', share: 0 };
    const isStruck = this.#kind === 'refuse' ? call >= this.#strikesAt && CARRIES.has(point) : call === this.#strikesAt;
    if (isStruck && this.#kind !== 'none') return this.#strike(point);
    return this.#chance.yes(this.#slowCall) ? { kind: 'pause', until: turns(this.#chance.between(1, 15)) } : NONE;
  }

  #strike(point: IoPoint): Fault {
    const share = this.#chance.pick([0, 0.3, 0.5, 0.7, 1]);
    switch (this.#kind) {
      case 'crash':
        this.#isDead = true;
        this.#events.struck('crash', point);
        return { kind: 'crash', share };
      case 'refuse':
        if (this.#chance.yes(0.5)) return NONE;
        this.#events.struck(point === 'put' && share > 0 ? 'partial' : 'refused', point);
        return { kind: 'refuse', share: Math.min(share, 0.7) };
      default:
        return { kind: 'pause', until: this.#pause(point) };
    }
  }

  #pause(point: IoPoint): Promise<void> {
    // Once it goes on, it may meet something else.
    this.#kind = this.#chance.pick(['none', 'none', 'crash', 'refuse', 'zombie']);
    this.#strikesAt = this.calls + this.#chance.below(3);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#events.struck('zombie', point);
    this.#events.paused(point, () => {
      resolve(undefined);
    });
    return promise;
  }
}

/** Settled after so many turns of whatever else is under way. */
const turns = async (count: number): Promise<void> => {
  for (let left = count; left > 0; left--) await undefined;
};
