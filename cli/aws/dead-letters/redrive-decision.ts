import type { DeadLetter } from '../../../shared/engine/dead-letter.ts';
import { hasApplied } from '../../../shared/engine/ledger.ts';
import type { Keyed, Processor } from '../../../shared/processor/processor.ts';
import type { Topology } from '../../../shared/processor/topology.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import type { Origin } from '../../../shared/stream/origin.ts';
import { askReaders, ledgerOf } from './ask-readers.ts';

/** What the user must agree to before a record is put again; each is an option of the command. */
export type Consent = 'out-of-order' | 'may-repeat';

/** What redriving a record would come to. */
export interface RedriveDecision {
  /**
   * `apply`: it is put again, and takes effect once. `applied`: it has taken effect already. `superseded`: its partition has gone
   * on past it. `may-repeat`: whether it has taken effect cannot be known. `impossible`: it cannot be put again.
   */
  readonly kind: 'apply' | 'applied' | 'superseded' | 'may-repeat' | 'impossible';
  readonly why: string;
  /** What it takes to put it all the same; empty for all but `superseded` and `may-repeat`. */
  readonly needs: readonly Consent[];
  /** Under which origin it is put: `its-own` where no ledger has passed that, else that of the letter. */
  readonly origin: 'its-own' | 'of-the-letter';
}

/** A record of a letter, opened. */
export interface LetterRecord {
  readonly reason: DeadLetter['reason'];
  readonly partitionKey: string;
  readonly value: unknown;
  readonly timeMs: number;
  /** Of the record as it was. */
  readonly origin: Origin;
  /** Of the record as it would be put where its own origin has been passed. */
  readonly ofTheLetter: Origin;
  /** Whether its stream gives what is put a new origin, as streams that are written from outside do. */
  readonly isForeign: boolean;
  /** Whether an earlier redrive was cut off after it may have put the record. */
  readonly isBegun: boolean;
}

/** Asks the ledgers what redriving a record would come to. Nothing is written. */
export const decideRedrive = async (
  topology: Topology,
  processor: Processor,
  state: Pick<StateStore, 'load'>,
  record: LetterRecord,
): Promise<RedriveDecision> => {
  const { keyed } = processor;
  const decision =
    keyed === undefined
      ? await decideStateless(topology, processor, state, record)
      : await decideKeyed(topology, processor, keyed, state, record);
  return record.isForeign && decision.kind === 'apply' ? ofForeign(topology, processor, record, decision) : decision;
};

/** What is put into a source stream gets a new origin, so to a ledger it is a second record. */
const ofForeign = (
  { processors }: Topology,
  { id, from }: Processor,
  { isBegun }: LetterRecord,
  decision: RedriveDecision,
): RedriveDecision => {
  if (isBegun) return mayRepeat(`an earlier redrive was cut off and may have put it into ${from.name}`);
  const other = processors.find((one) => one.from.name === from.name && one.id !== id);
  return other === undefined ? decision : mayRepeat(`${other.id} reads ${from.name} too and would take it again`);
};

const decideKeyed = async (
  topology: Topology,
  processor: Processor,
  keyed: Keyed,
  state: Pick<StateStore, 'load'>,
  record: LetterRecord,
): Promise<RedriveDecision> => {
  const { reason, partitionKey, value, timeMs, origin, ofTheLetter } = record;
  const asked = await ledgerOf(processor, keyed, state, { partitionKey, value, timeMs });
  if (asked.kind === 'failed') return impossible(`its state key cannot be determined: ${asked.error}`);
  const { key, ledger } = asked;
  if (hasApplied(ledger, ofTheLetter.lane, ofTheLetter.position)) {
    return applied(`it was redriven before, and the ledger of ${key} has it`);
  }
  if (!hasApplied(ledger, origin.lane, origin.position)) {
    // What it makes of the record has the record's place in the lane: readers that are past it would drop that.
    const found = await askReaders(topology, processor, state, record, asked);
    return found.kind === 'passed' ? superseded(true) : apply(`the ledger of ${key} has not come so far`, 'its-own');
  }
  // A dead letter is entered in the ledger as done, or all that follows would wait; what a mapping gave up is not.
  const isLast = ledger[origin.lane] === origin.position;
  switch (reason) {
    case 'given-up':
      return isLast ? applied(`the ledger of ${key} has it`) : superseded(true);
    case 'step-failed':
      return isLast ? apply(`the ledger of ${key} ends with it, put aside`, 'of-the-letter') : superseded(false);
    case 'position-went-back':
      return apply('its stream was replaced, and no ledger has it', 'of-the-letter');
    case 'undecodable':
      return superseded(false);
  }
};

/**
 * A processor without state has no ledger. What its step refused has had no effect; of what its mapping gave up, which may have
 * passed, the ledgers of its readers know.
 */
const decideStateless = async (
  topology: Topology,
  processor: Processor,
  state: Pick<StateStore, 'load'>,
  record: LetterRecord,
): Promise<RedriveDecision> => {
  if (record.reason !== 'given-up') return apply('its step refused it, so it has had no effect', 'of-the-letter');
  const found = await askReaders(topology, processor, state, record);
  switch (found.kind) {
    case 'unknown':
      return mayRepeat(found.why);
    case 'has':
      return applied(`${found.reader} has what was made of it`);
    case 'passed':
      return superseded(true);
    case 'not-reached':
      // Under its own origin a repeat is dropped by its readers, even one that is still on its way to them.
      return record.isForeign
        ? mayRepeat('what was made of it may still be on its way to the processors that read it')
        : apply('no processor that reads what is made of it has come so far', 'its-own');
  }
};

const apply = (why: string, origin: RedriveDecision['origin']): RedriveDecision => ({
  kind: 'apply',
  why,
  needs: [],
  origin,
});

const applied = (why: string): RedriveDecision => ({ kind: 'applied', why, needs: [], origin: 'its-own' });

/** @param isUnsure Whether it may have taken effect before its partition went on. */
const superseded = (isUnsure: boolean): RedriveDecision => ({
  kind: 'superseded',
  why: isUnsure ? 'its partition has gone on past it, with or without it' : 'its partition has gone on past it',
  needs: isUnsure ? ['out-of-order', 'may-repeat'] : ['out-of-order'],
  origin: 'of-the-letter',
});

const mayRepeat = (why: string): RedriveDecision => ({
  kind: 'may-repeat',
  why: `it may be counted twice: ${why}`,
  needs: ['may-repeat'],
  origin: 'of-the-letter',
});

/** The decision on what cannot be put again. */
export const impossible = (why: string): RedriveDecision => ({ kind: 'impossible', why, needs: [], origin: 'its-own' });
