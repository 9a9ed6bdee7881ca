import { stateAddress } from '../../../shared/engine/batch.ts';
import type { DeadLetter } from '../../../shared/engine/dead-letter.ts';
import { hasApplied } from '../../../shared/engine/ledger.ts';
import type { Keyed, Processor } from '../../../shared/processor/processor.ts';
import type { Topology } from '../../../shared/processor/topology.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { isTagged } from '../../../shared/stream/merged.ts';
import { laneThrough, laneUnder, type Origin } from '../../../shared/stream/origin.ts';

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
      : await decideKeyed(processor, keyed, state, record);
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
  processor: Processor,
  keyed: Keyed,
  state: Pick<StateStore, 'load'>,
  { reason, partitionKey, value, timeMs, origin, ofTheLetter }: LetterRecord,
): Promise<RedriveDecision> => {
  const asked = await ledgerOf(processor, keyed, state, { partitionKey, value, timeMs });
  if (asked.kind === 'failed') return impossible(`its state key cannot be determined: ${asked.error}`);
  const { key, ledger } = asked;
  if (hasApplied(ledger, ofTheLetter.lane, ofTheLetter.position)) {
    return applied(`it was redriven before, and the ledger of ${key} has it`);
  }
  if (!hasApplied(ledger, origin.lane, origin.position)) {
    return apply(`the ledger of ${key} has not come so far`, 'its-own');
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

type ReadersAnswer =
  | { readonly kind: 'has'; readonly reader: string }
  /** They have later records of its lane. */
  | { readonly kind: 'passed' }
  | { readonly kind: 'not-reached' }
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * Looks for a record in the ledgers of those who read what a processor without state makes of it. It runs the step, which is
 * pure, to learn their state keys.
 */
const askReaders = async (
  { processors }: Topology,
  processor: Processor,
  state: Pick<StateStore, 'load'>,
  { partitionKey, value, timeMs, origin }: LetterRecord,
): Promise<ReadersAnswer> => {
  const unknown = (why: string): ReadersAnswer => ({ kind: 'unknown', why });
  if (Object.keys(processor.tables).length > 0) {
    return unknown(`${processor.id} has no ledger, and what it makes of the record depends on its tables`);
  }
  const lane = laneThrough(origin.lane, processor.id);
  let asked = 0;
  let reached: 'has' | 'passed' | undefined;
  let has = '';
  try {
    const input = {
      ...openTagged(processor, value),
      timeMs,
      partitionKey,
      key: partitionKey,
      state: undefined,
      watermarkMs: -Infinity,
      tables: {},
    };
    for (const [name, values] of Object.entries(processor.step(input).emit ?? {})) {
      const target = processor.to[name];
      if (target === undefined || values === undefined) continue;
      if (target.kind !== 'stream')
        return unknown(`${processor.id} has no ledger, and ${target.name} is not asked for one`);
      for (const reader of processors.filter(({ from }) => from.name === target.name)) {
        const { keyed } = reader;
        if (keyed === undefined)
          return unknown(`neither ${processor.id} nor ${reader.id}, which reads it, has a ledger`);
        for (const output of values) {
          const arrivesUnder = target.partitionKey(output, partitionKey);
          const found = await ledgerOf(reader, keyed, state, { partitionKey: arrivesUnder, value: output, timeMs });
          if (found.kind === 'failed')
            return unknown(`the state key of ${reader.id} cannot be determined: ${found.error}`);
          asked += 1;
          const at = laneUnder(lane, arrivesUnder);
          if (!hasApplied(found.ledger, at, origin.position)) continue;
          // The position of what was made of a record begins with the record's own.
          const isNewest = found.ledger[at]?.startsWith(`${origin.position}.`) === true;
          if (isNewest) has = reader.id;
          reached = isNewest ? 'has' : (reached ?? 'passed');
        }
      }
    }
  } catch (error) {
    return unknown(`${processor.id} has no ledger, and its step still refuses the record: ${messageOf(error)}`);
  }
  if (asked === 0)
    return unknown(`${processor.id} has no ledger, and no processor with one reads what it makes of the record`);
  if (reached === undefined) return { kind: 'not-reached' };
  return reached === 'has' ? { kind: 'has', reader: has } : { kind: 'passed' };
};

/** What a step is given of a record: of a merged stream, the value and which of its inputs it belongs to. */
const openTagged = (
  { from }: Processor,
  value: unknown,
): { readonly input: string | undefined; readonly value: unknown } =>
  from.inputs !== undefined && isTagged(value) ? value : { input: undefined, value };

type LedgerAnswer =
  | { readonly kind: 'ledger'; readonly key: string; readonly ledger: Readonly<Record<string, string>> }
  | { readonly kind: 'failed'; readonly error: string };

const ledgerOf = async (
  processor: Processor,
  keyed: Keyed,
  state: Pick<StateStore, 'load'>,
  { partitionKey, value, timeMs }: Pick<LetterRecord, 'partitionKey' | 'value' | 'timeMs'>,
): Promise<LedgerAnswer> => {
  let key: string;
  try {
    const { input, value: inner } = openTagged(processor, value);
    key = keyed.key(inner, processor.from.eventTimeMs?.(value) ?? timeMs, input);
  } catch (error) {
    return { kind: 'failed', error: messageOf(error) };
  }
  const [item] = await state.load([stateAddress(processor, partitionKey, key)]);
  return { kind: 'ledger', key, ledger: item?.ledger ?? {} };
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

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
