import { stateAddress } from '../../../shared/engine/batch.ts';
import { hasApplied } from '../../../shared/engine/ledger.ts';
import { stateFormat } from '../../../shared/engine/state-format.ts';
import type { Keyed, Processor } from '../../../shared/processor/processor.ts';
import type { Topology } from '../../../shared/processor/topology.ts';
import type { StateAddress, StateStore, StoredItem } from '../../../shared/state/state-store.ts';
import { isTagged } from '../../../shared/stream/merged.ts';
import { laneThrough, laneUnder } from '../../../shared/stream/origin.ts';
import type { LetterRecord } from './redrive-decision.ts';

type ReadersAnswer =
  | { readonly kind: 'has'; readonly reader: string }
  /** They have later records of its lane. */
  | { readonly kind: 'passed' }
  | { readonly kind: 'not-reached' }
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * Looks for a record in the ledgers of those who read what a processor makes of it. It runs the step, which is pure, to learn
 * their state keys; on the state as it is now, where the processor has one.
 */
export const askReaders = async (
  { processors }: Topology,
  processor: Processor,
  state: Pick<StateStore, 'load'>,
  { partitionKey, value, timeMs, origin }: Pick<LetterRecord, 'partitionKey' | 'value' | 'timeMs' | 'origin'>,
  own?: Pick<Extract<LedgerAnswer, { kind: 'ledger' }>, 'key' | 'state'>,
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
      key: own?.key ?? partitionKey,
      state: own?.state,
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
  | {
      readonly kind: 'ledger';
      readonly key: string;
      readonly ledger: Readonly<Record<string, string>>;
      readonly state: unknown;
    }
  | { readonly kind: 'failed'; readonly error: string };

export const ledgerOf = async (
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
  const address = stateAddress(processor, partitionKey, key);
  const [stored] = await state.load([address]);
  return { kind: 'ledger', key, ledger: stored?.ledger ?? {}, state: stateOf(processor, keyed, address, stored) };
};

/** The state as a step would be given it now; undefined where it cannot be read. */
const stateOf = (
  processor: Processor,
  keyed: Keyed,
  address: StateAddress,
  stored: StoredItem | undefined,
): unknown => {
  try {
    const format = stateFormat(processor, keyed);
    const item = format.read(address, stored);
    return item.text === undefined ? format.initial() : item.state;
  } catch {
    return undefined;
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
