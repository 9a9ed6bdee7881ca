import { aggregate } from '../../../shared/processor/aggregate.ts';
import { processor, type Processor } from '../../../shared/processor/processor.ts';
import { wholeTable } from '../../../shared/processor/table.ts';
import { topology, type Topology } from '../../../shared/processor/topology.ts';
import { tumbling } from '../../../shared/processor/windows/tumbling.ts';
import { windowed } from '../../../shared/processor/windows/windowed.ts';
import {
  hours,
  idTable,
  notices,
  parcels,
  postings,
  rules,
  scans,
  scansLate,
  sorted,
  type Ids,
  type Notice,
  type Rule,
  type Scan,
} from './parcel-streams.ts';
import type { Code } from './scenario.ts';

const MINUTE_MS = 60_000;

/** A step fails on this weight, and no later version of the code takes it. */
export const BROKEN_WEIGHT = -1;
/** The rule that only the second version of the code knows. */
export const NEW_RULE = 'new';

/**
 * What an operator has to live with: everything in it commutes, so that each parcel must be in each state exactly once, in
 * whatever order records come to it, or a dead letter must name it.
 */
export const parcelTopology = (code: Code): Topology =>
  topology('post', [sort(code), way('sent'), way('returned'), pair, depots, network, perHour, reader]);

/** Where each processor's records come from, so that a dead letter there says why they are missing here. */
export const UPSTREAM: Readonly<Record<string, readonly string[]>> = {
  'post/sort': [],
  'post/sent': ['post/sort'],
  'post/returned': ['post/sort'],
  'post/pair': ['post/sort', 'post/sent', 'post/returned'],
  'post/reader': ['post/sort'],
  'post/depots': ['post/sort', 'post/sent', 'post/returned', 'post/pair'],
  'post/network': ['post/sort', 'post/sent', 'post/returned', 'post/pair'],
  'post/hours': ['post/sort', 'post/sent', 'post/returned', 'post/pair'],
};

/** The second version says the same in another order, and one thing more. */
const sort = (code: Code): Processor =>
  processor({
    id: 'post/sort',
    from: scans,
    to: { sorted, notices },
    tables: { rules: wholeTable(rules, (rows) => rows) },
    step: ({ value: scan, tables }) => {
      const { id, weight, place } = scan;
      if (weight === BROKEN_WEIGHT) throw new Error('a scale that is broken');
      const known = matching(tables.rules, weight).map((rule): Notice => ({ id, rule, place }));
      const said = code.version === 1 ? known : [{ id, rule: NEW_RULE, place }, ...known.toReversed()];
      return { emit: { notices: said, sorted: [scan] } };
    },
  });

/** One of the two inputs of what comes after. */
const way = (name: 'sent' | 'returned'): Processor =>
  processor({
    id: `post/${name}`,
    from: sorted,
    to: { parcels: parcels.inputs[name] },
    step: ({ value: scan }) =>
      scan.isReturn === (name === 'returned') ? { emit: { parcels: [scan] } } : { outcome: 'filtered' },
  });

/** Rules that a parcel of this weight meets. */
export const matching = (known: readonly Rule[], weight: number): readonly string[] =>
  known.filter(({ minWeight }) => weight >= minWeight).map(({ id }) => id);

interface Pairs {
  readonly sent: readonly string[];
  readonly returned: readonly string[];
  readonly filler: string;
}

/** Two inputs in one state. */
const pair = processor({
  id: 'post/pair',
  from: parcels,
  to: { postings },
  key: (scan) => `${scan.place}/${scan.route}`,
  initial: (): Pairs => ({ sent: [], returned: [], filler: '' }),
  step: ({ value: scan, state, input }) => {
    if ((input === 'returned') !== scan.isReturn) throw new Error(`'${input}' is the wrong input`);
    const filler = scan.filler === undefined ? state.filler : state.filler + 'x'.repeat(scan.filler);
    const next =
      input === 'returned'
        ? { ...state, returned: [...state.returned, scan.id], filler }
        : { ...state, sent: [...state.sent, scan.id], filler };
    return { state: next, emit: { postings: [scan] } };
  },
});

const counted = (id: string, key: (scan: Scan) => string, fanIn: boolean): Processor =>
  aggregate<Scan, Ids>({
    id,
    from: postings,
    key,
    initial: () => ({ ids: [] }),
    add: ({ ids }, scan) => ({ ids: [...ids, scan.id] }),
    as: idTable(id.replace('/', '-')),
    fanIn,
  });

const depots = counted('post/depots', ({ depot }) => depot, false);
/** One key that all partition keys bring. */
const network = counted('post/network', () => 'all', true);

const perHour = windowed({
  id: 'post/hours',
  from: postings,
  to: { hours, late: scansLate },
  key: ({ depot }) => depot,
  window: tumbling({ sizeMs: 60 * MINUTE_MS, graceMs: 10 * MINUTE_MS }),
  initial: (): Ids => ({ ids: [] }),
  add: ({ ids }, { id }) => ({ ids: [...ids, id] }),
  emit: 'final',
  result: ({ ids }, { key }) => ({ hours: [{ depot: key, ids }] }),
  late: (scan) => ({ late: [scan] }),
});

/** Remembers each notice it was given. */
const reader = processor({
  id: 'post/reader',
  from: notices,
  to: {},
  key: ({ rule }) => rule,
  initial: (): Ids => ({ ids: [] }),
  step: ({ value, state }) => ({ state: { ids: [...state.ids, value.id] } }),
});
