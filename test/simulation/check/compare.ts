import type { Verdict } from './verdict.ts';
import type { RunView } from './run-view.ts';
import type { StreamView } from './stream-view.ts';

/** What need not be the same. */
interface Allowances {
  /** Streams whose values depend on how lanes were mixed; their origins do not. */
  readonly mixedStreams: ReadonlySet<string>;
  /** Whether some attempts had no effect because a sweep overtook them, so that what they came to does not count. */
  readonly areOvertaken: boolean;
}

/** Compares a run under faults with the fault-free run of the same input. */
export const compare = (faulty: RunView, clean: RunView, { mixedStreams, areOvertaken }: Allowances): Verdict => {
  const lost: string[] = [];
  const doubled: string[] = [];
  const different: string[] = [];
  for (const [name, wanted] of clean.streams) {
    const got = faulty.streams.get(name);
    if (got === undefined) throw new RangeError(`the faulty run has no stream '${name}'`);
    const tell = (list: string[], texts: readonly string[]): void => {
      list.push(...texts.map((text) => `stream ${name}: ${text}`));
    };
    const isMixed = mixedStreams.has(name);
    const [all, expected] = [recordsOf(got, isMixed), recordsOf(wanted, isMixed)];
    tell(lost, without(expected.keys(), all));
    tell(doubled, without(all.keys(), expected));
    for (const [lane, records] of expected) {
      const gotten = all.get(lane);
      if (gotten === undefined) continue;
      tell(
        lost,
        without(records, new Set(gotten)).map((record) => `${lane} ${record}`),
      );
      tell(
        doubled,
        without(gotten, new Set(records)).map((record) => `${lane} ${record}`),
      );
      if (gotten.length === records.length && gotten.join('\n') !== records.join('\n')) {
        tell(different, [`another order in ${lane}`]);
      }
    }
  }
  lost.push(...without(clean.deadLetters.keys(), faulty.deadLetters).map((id) => `dead letter ${id}`));
  doubled.push(...without(faulty.deadLetters.keys(), clean.deadLetters).map((id) => `dead letter ${id}`));
  lost.push(...without(clean.told.keys(), faulty.told).map((line) => `not told: ${line}`));
  doubled.push(...without(faulty.told.keys(), clean.told).map((line) => `told without cause ${line}`));
  different.push(
    ...differing('dead letter', faulty.deadLetters, clean.deadLetters),
    ...differing('state', faulty.state, clean.state),
    ...differing('watermark', faulty.watermarks, clean.watermarks),
    ...differing('outcome', said(faulty.outcomes, areOvertaken ? clean.outcomes : undefined), said(clean.outcomes)),
  );
  return { lost, doubled, different };
};

/** Outcomes as text; with `allowed`, only those among them. */
const said = (outcomes: RunView['outcomes'], allowed?: RunView['outcomes']): ReadonlyMap<string, string> =>
  new Map(
    [...outcomes].map(([value, all]) => [
      value,
      [...all].filter((outcome) => allowed?.get(value)?.has(outcome) ?? true).join(' and '),
    ]),
  );

const recordsOf = ({ lanes }: StreamView, isMixed: boolean): ReadonlyMap<string, readonly string[]> =>
  isMixed
    ? new Map([...lanes].map(([lane, records]) => [lane, records.map((record) => record.split(' ', 1)[0] ?? '')]))
    : lanes;

const without = (
  wanted: Iterable<string>,
  got: ReadonlySet<string> | ReadonlyMap<string, unknown>,
): readonly string[] => [...wanted].filter((one) => !got.has(one));

const differing = (
  what: string,
  got: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
): readonly string[] =>
  [...new Set([...wanted.keys(), ...got.keys()])]
    .filter((key) => got.get(key) !== wanted.get(key))
    .map((key) => `${what} of ${key}: ${got.get(key) ?? 'nothing'}, without faults ${wanted.get(key) ?? 'nothing'}`);
