import type { DeadLetter } from '../../../shared/engine/dead-letter.ts';
import { collectionOf } from '../../../shared/processor/processor.ts';
import type { LocalRuntime } from '../../../shared/runtime/local/local-runtime.ts';
import type { Sent } from '../scenario/parcel-scenario.ts';
import type { Rule } from '../scenario/parcel-streams.ts';
import { matching, NEW_RULE, UPSTREAM } from '../scenario/parcel-topology.ts';
import { fieldOf, valuesOf } from '../scenario/stream-values.ts';
import { RawLabels } from './raw-labels.ts';
import { streamView } from './stream-view.ts';

/** How often each parcel is in what a processor keeps or has emitted, by processor and id. */
export type Holdings = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Looks at what a run of parcels has come to. */
export const holdingsOf = async (runtime: LocalRuntime): Promise<Holdings> => {
  const holdings = new Map<string, Map<string, number>>();
  const add = (processor: string, ids: unknown): void => {
    const counts = holdings.get(processor) ?? new Map<string, number>();
    holdings.set(processor, counts);
    for (const id of Array.isArray(ids) ? ids : []) counts.set(String(id), (counts.get(String(id)) ?? 0) + 1);
  };
  for (const processor of runtime.topology.processors) {
    if (processor.keyed === undefined) continue;
    add(processor.id, []);
    for await (const { state, key } of runtime.storage.state.items(collectionOf(processor))) {
      const value: unknown = state === undefined ? undefined : JSON.parse(state);
      for (const name of ['ids', 'sent', 'returned']) {
        const ids: unknown = fieldOf(value, name);
        const isReader = processor.id === 'post/reader' && Array.isArray(ids);
        add(processor.id, isReader ? ids.map((id) => `${String(id)} ${key}`) : ids);
      }
    }
  }
  const { log } = runtime.storage;
  const labels = new RawLabels();
  // What leaves the topology is read by those who tell repeats by their origin, in whatever order it comes.
  const streams = new Map(
    ['hours', 'scans-late'].map((name) => {
      const view = streamView(log, name, labels);
      const passedOver = view.passedOver.map((record) => record.slice(record.indexOf('{') - 1));
      return [name, { ...view, lanes: new Map([...view.lanes, ['passed over', passedOver]]) }];
    }),
  );
  for (const hour of valuesOf(streams, 'hours')) add('post/hours', fieldOf(hour, 'ids'));
  add(
    'post/hours',
    valuesOf(streams, 'scans-late').map((scan) => fieldOf(scan, 'id')),
  );
  return holdings;
};

/** Ids that are named in bytes: of one record, or of all that are packed into one. */
export const idsIn = (bytes: Uint8Array): readonly string[] =>
  Array.from(
    Buffer.from(bytes)
      .toString('latin1')
      .matchAll(/"id":"(p\d+)"/g),
    ([, id]) => id ?? '',
  );

export const idsOf = ({ payload }: DeadLetter): readonly string[] => idsIn(Buffer.from(payload, 'base64'));

/** What an account is made of. */
export interface AccountParts {
  readonly sent: ReadonlyMap<string, Sent>;
  readonly holdings: Holdings;
  /** Letters that say why something is missing. */
  readonly letters: readonly DeadLetter[];
  /** Ids in documents that the mapping could not write: the one loss that only an alarm tells of. */
  readonly dropped: ReadonlySet<string>;
}

/** Parcels that are missing without a word, and such that are in a state more than once, for people. */
export const accountOf = ({
  sent,
  holdings,
  letters,
  dropped,
}: AccountParts): { readonly lost: readonly string[]; readonly doubled: readonly string[] } => {
  const named = new Map<string, Set<string>>();
  for (const letter of letters) {
    const ids = named.get(letter.processor) ?? new Set<string>();
    named.set(letter.processor, ids);
    for (const id of idsOf(letter)) ids.add(id);
  }
  const lost: string[] = [];
  const doubled: string[] = [];
  for (const [processor, counts] of holdings) {
    for (const [id, times] of counts) {
      if (times > 1) doubled.push(`${id} is in ${processor} ${String(times)} times`);
    }
    if (processor === 'post/reader') continue;
    const sources = [processor, ...(UPSTREAM[processor] ?? [])];
    for (const id of sent.keys()) {
      const isExplained = dropped.has(id) || sources.some((source) => named.get(source)?.has(id) === true);
      if (!counts.has(id) && !isExplained) lost.push(`${id} is not in ${processor}, and no dead letter names it`);
    }
  }
  return { lost, doubled };
};

const NO_TIME_LOST_MS = 8 * 60_000;

/**
 * Parcels that are called late although all input was done well within the grace of its windows, for people: neither a record from
 * a wrong date nor hours of silence may close a window early. One of which a letter tells may have come again much later.
 */
export const lateWithoutCause = (
  runtime: LocalRuntime,
  { sent, letters, dropped }: AccountParts,
  maxWorkMs: number,
): readonly string[] => {
  if (maxWorkMs > NO_TIME_LOST_MS) return [];
  const unsure = new Set([...dropped, ...letters.flatMap(idsOf)]);
  const view = streamView(runtime.storage.log, 'scans-late', new RawLabels());
  return valuesOf(new Map([['late', view]]), 'late').flatMap((scan) => {
    const id = String(fieldOf(scan, 'id'));
    return sent.get(id)?.hasWrongDate === false && !unsure.has(id) ? [`${id} is called late without a cause`] : [];
  });
};

const FAULTS_OF_ITEMS = /would have \d+ bytes|will never take the item/;

/** Letters about records that have no fault, for people. */
export const lettersWithoutCause = (
  letters: readonly DeadLetter[],
  sent: ReadonlyMap<string, Sent>,
): readonly string[] =>
  letters.flatMap((letter) => {
    const { reason, error, processor } = letter;
    const faults = idsOf(letter).map((id) => sent.get(id)?.fault);
    const hasCause =
      reason === 'given-up' ||
      (reason === 'step-failed' && FAULTS_OF_ITEMS.test(error)) ||
      (reason !== 'position-went-back' && faults.includes(reason));
    return hasCause ? [] : [`${processor} has a dead letter without a cause: ${reason}, ${error}`];
  });

/**
 * Notices that are not what the rules said when the parcel arrived. A parcel of which a letter tells may lack some, and one that
 * was put again may have got those of either time.
 */
export const wrongNotices = (
  { sent, holdings, letters, dropped }: AccountParts,
  rulesAt: (arrivalMs: number) => readonly Rule[],
): readonly string[] => {
  const given = new Map<string, string[]>();
  for (const notice of holdings.get('post/reader')?.keys() ?? []) {
    const [id = '', rule = ''] = notice.split(' ');
    given.set(id, [...(given.get(id) ?? []), rule]);
  }
  const unsure = new Set([...dropped, ...letters.flatMap(idsOf)]);
  return [...sent].flatMap(([id, { scan, fault, arrivalMs }]) => {
    if (fault !== undefined || unsure.has(id)) return [];
    const wanted = [...matching(rulesAt(arrivalMs), scan.weight)].sort().join(' ');
    const got = (given.get(id) ?? [])
      .filter((rule) => rule !== NEW_RULE)
      .sort()
      .join(' ');
    return got === wanted ? [] : [`${id} has notices '${got}', the rules of its arrival say '${wanted}'`];
  });
};
