import type { ProcessorDescription, StateDescription, TopologyDescription } from './describe.ts';

/** A topology as an outline to read: one paragraph per processor, in the order data flows. */
export const outlineOf = (description: TopologyDescription): string => {
  const { topology, streams, processors, tables, references, notifications } = description;
  const named = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));
  const sources = streams.filter(({ writtenBy }) => writtenBy.length === 0).map(({ name }) => name);
  const results = streams.filter(({ readBy }) => readBy.length === 0).map(({ name }) => name);
  const head = [
    `topology ${topology}`,
    field('enters by', named(sources)),
    field('leaves by', named([...results, ...notifications])),
    field('tables', named(tables.map(({ name }) => name))),
    field('reference', named(references)),
  ];
  return `${[head, ...processors.map(paragraphOf)].map((lines) => lines.join('\n')).join('\n\n')}\n`;
};

const LABEL_CHARS = 11;

const field = (label: string, text: string): string => `  ${label.padEnd(LABEL_CHARS)}${text}`;

const paragraphOf = ({ id, from, outputs, lookups, onFault, state }: ProcessorDescription): readonly string[] => [
  id,
  field('reads', from),
  ...outputs.map(({ name, kind, to }) => field('writes', `${to} as ${name}${kind === 'stream' ? '' : ` (${kind})`}`)),
  ...lookups.map(({ name, table, rows }) =>
    field('looks up', `${table} as ${name} (${rows === 'one' ? 'one row' : 'all rows'})`),
  ),
  field('state', state === undefined ? 'none, it looks at each record alone' : stateText(state)),
  ...(state?.windows === undefined ? [] : [field('windows', windowsText(state.windows))]),
  ...(state?.timers === undefined
    ? []
    : [
        field(
          'timers',
          `${state.timers.graceMs === 0 ? 'no' : `${duration(state.timers.graceMs)} of`} grace; ${idleText(state.timers.whenIdle)} after ${duration(state.timers.idleAfterMs)} of quiet`,
        ),
      ]),
  field('on fault', onFault === 'hold' ? 'holds the partition until the step takes the record' : 'dead letter, and on'),
];

const stateText = ({ fanIn, table }: StateDescription): string => {
  const kept = table === undefined ? 'per key' : `per key, readable as table ${table}`;
  return fanIn ? `${kept}, fed by many partition keys` : kept;
};

const idleText = (whenIdle: 'fire-all' | 'follow-clock'): string =>
  whenIdle === 'fire-all' ? 'all fire' : 'they follow the clock';

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** In the largest unit that needs no fraction. */
const duration = (durationMs: number): string => {
  const [name, unitMs] = UNITS.find(([, sizeMs]) => durationMs % sizeMs === 0) ?? ['millisecond', 1];
  const count = durationMs / unitMs;
  return `${String(count)} ${name}${count === 1 ? '' : 's'}`;
};

/** `tumbling, 5 minutes`: the kind, then its settings but the grace, which stands with the timers. */
const windowsText = ({ kind, graceMs: _, ...settings }: NonNullable<StateDescription['windows']>): string =>
  [kind, ...Object.values(settings).map((value) => (typeof value === 'number' ? duration(value) : value))].join(', ');
