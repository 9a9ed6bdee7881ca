import { createHash } from 'node:crypto';
import { planRedrive } from '../../cli/aws/dead-letters/redrive-plan.ts';
import { bytesOf } from '../../shared/codec/text-bytes.ts';
import { deadLetterId, isDeadLetter, type DeadLetter } from '../../shared/engine/dead-letter.ts';
import type { LocalRuntime } from '../../shared/runtime/local/local-runtime.ts';
import { holdingsOf, idsIn, idsOf, type Holdings } from './check/parcel-account.ts';
import { UPSTREAM } from './scenario/parcel-topology.ts';

/** Dead letters of a run, in the order in which they came. */
export const lettersOf = ({ outputs }: LocalRuntime): readonly DeadLetter[] =>
  Array.from(outputs.deadLetters(), (text) => {
    const letter: unknown = JSON.parse(text);
    if (!isDeadLetter(letter)) throw new TypeError(`no dead letter: ${text.slice(0, 200)}`);
    return letter;
  });

/** What became of redriving. */
export interface Redriven {
  /** Letters that name records which are still missing. */
  readonly left: readonly DeadLetter[];
  /** Verdicts that were not true, for people. */
  readonly wrong: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * Redrives every letter as an operator would: those of earlier processors first. What may be counted twice is put again only where
 * neither the processor nor any after it has the record.
 */
export const redriveAll = async (
  runtime: LocalRuntime,
  nowMs: () => number,
  comeToRest: () => Promise<void>,
): Promise<Redriven> => {
  const left: DeadLetter[] = [];
  const wrong: string[] = [];
  const counts = new Map<string, number>();
  const { topology, storage } = runtime;
  const flow = topology.processors.map(({ id }) => id);
  const letters = [...lettersOf(runtime)].sort(
    (one, other) => flow.indexOf(one.processor) - flow.indexOf(other.processor),
  );
  for (const letter of letters) {
    const id = createHash('sha256').update(deadLetterId(letter)).digest('hex').slice(0, 12);
    const holdings = await holdingsOf(runtime);
    let isWhole = true;
    // A letter of many packed records may hold one of them and its repeat.
    const again = new Set<string>();
    for (const { verdict, payload, partitionKey } of await planRedrive(topology, storage.state, letter, id)) {
      const data = typeof payload === 'string' ? bytesOf(payload) : payload;
      const [parcel = ''] = idsIn(data);
      const where = whereIs(holdings, letters, letter.processor, parcel);
      counts.set(verdict.kind, (counts.get(verdict.kind) ?? 0) + 1);
      if (verdict.kind === 'applied') {
        if (!where.isHere && !where.isAfter)
          wrong.push(`${parcel} is said to be applied by ${letter.processor}: ${verdict.why}`);
        continue;
      }
      const isMissing = !where.isHere && !where.isAfter && !again.has(parcel);
      if (verdict.kind === 'apply' || (verdict.needs.length > 0 && isMissing)) {
        storage.log.put(letter.stream, [{ partitionKey, data }], nowMs());
        again.add(parcel);
      } else isWhole &&= where.isHere || again.has(parcel);
    }
    if (!isWhole) left.push(letter);
    await comeToRest();
  }
  const known = new Set(letters.map(deadLetterId));
  return { left: [...left, ...lettersOf(runtime).filter((one) => !known.has(deadLetterId(one)))], wrong, counts };
};

const isIn = (holdings: Holdings, processor: string, parcel: string): boolean =>
  [...(holdings.get(processor)?.keys() ?? [])].some((id) => id === parcel || id.startsWith(`${parcel} `));

/** Whether a processor, or one after it, has a parcel, or has a letter of its own about it. */
const whereIs = (
  holdings: Holdings,
  letters: readonly DeadLetter[],
  processor: string,
  parcel: string,
): { readonly isHere: boolean; readonly isAfter: boolean } => {
  const after = Object.entries(UPSTREAM).flatMap(([id, sources]) => (sources.includes(processor) ? [id] : []));
  return {
    isHere: isIn(holdings, processor, parcel),
    isAfter: after.some(
      (id) => isIn(holdings, id, parcel) || letters.some((one) => one.processor === id && idsOf(one).includes(parcel)),
    ),
  };
};
