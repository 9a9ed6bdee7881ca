import type { DeadLetter } from '../../../shared/engine/dead-letter.ts';
import type { Processor } from '../../../shared/processor/processor.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import type { Origin } from '../../../shared/stream/origin.ts';

/** What redriving a record would come to. */
export interface Verdict {
  /**
   * `apply`: it is put again and takes effect. `applied`: it is in the state already. `superseded`: later records of its lane are
   * in the state, so it would come behind them. `impossible`: it cannot be put again.
   */
  readonly kind: 'apply' | 'applied' | 'superseded' | 'impossible';
  readonly why: string;
}

/** Partition key of items that several partition keys may change. */
const SHARED = '*';

/**
 * Asks the ledger of the state key that a record belongs to.
 *
 * @param origin Of the record as it was.
 * @param redriven Of the record as it would be put now; undefined where only its new place in the stream will be that.
 */
export const askLedger = async (
  { id, keyed }: Processor,
  state: Pick<StateStore, 'load'>,
  record: {
    readonly reason: DeadLetter['reason'];
    readonly partitionKey: string;
    readonly value: unknown;
    readonly origin: Origin;
    readonly redriven: Origin | undefined;
  },
): Promise<Verdict> => {
  if (keyed === undefined) return { kind: 'apply', why: `${id} has no state, so there is no ledger to ask` };
  const { partitionKey, value, origin, redriven, reason } = record;
  let key: string;
  try {
    key = keyed.key(value);
  } catch (error) {
    return {
      kind: 'impossible',
      why: `its state key cannot be told: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  const collection = keyed.as?.name ?? id;
  const [item] = await state.load([{ collection, partitionKey: keyed.fanIn ? SHARED : partitionKey, key }]);
  const ledger = item?.ledger ?? {};
  if (redriven !== undefined && (ledger[redriven.lane] ?? '') >= redriven.position) {
    return { kind: 'applied', why: `it was redriven before, and the ledger of ${key} has it` };
  }
  const reached = ledger[origin.lane];
  if (reached === undefined || reached < origin.position) {
    return { kind: 'apply', why: `the ledger of ${key} has not come so far` };
  }
  if (reached > origin.position) {
    return {
      kind: 'superseded',
      why: `the ledger of ${key} has later records of its lane: put again it would come behind them`,
    };
  }
  // A record that was put aside is entered as done, or all behind it would wait; what was held is not.
  return reason === 'step-failed'
    ? { kind: 'apply', why: `the ledger of ${key} ends with it: put aside, and nothing came after it` }
    : { kind: 'applied', why: `the ledger of ${key} has it` };
};
