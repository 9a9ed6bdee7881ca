import { describe, expect, test } from '@jest/globals';
import { json } from '../../shared/codec/json.ts';
import { describeTopology } from '../../shared/processor/description/describe.ts';
import { mermaidOf } from '../../shared/processor/description/describe-mermaid.ts';
import { outlineOf } from '../../shared/processor/description/describe-text.ts';
import { notification } from '../../shared/processor/notification.ts';
import { processor } from '../../shared/processor/processor.ts';
import { rowOf, table, wholeTable } from '../../shared/processor/table.ts';
import { topology } from '../../shared/processor/topology.ts';
import { tumbling } from '../../shared/processor/windows/tumbling.ts';
import { windowed } from '../../shared/processor/windows/windowed.ts';
import { stream } from '../../shared/stream/stream.ts';

const isText = (value: unknown): value is string => typeof value === 'string';
const text = json('text', isText);
const words = (name: string) => stream(name, { codec: text, partitionKey: (value: string) => value });
const [sold, checked, totals] = [words('sold'), words('checked'), words('totals')];
const [prices, limits, newest] = [table('prices', text), table('limits', text), table('newest', text)];
const mail = notification('mail', {
  recipient: (value: string) => value,
  digest: (to: string) => ({ id: '1', to, subject: '', text: '' }),
});

const shop = topology('shop', [
  processor({
    id: 'shop/check',
    from: sold,
    to: { good: checked, told: mail },
    tables: { price: rowOf(prices, (value: string) => value), limit: wholeTable(limits, () => 1) },
    onFault: 'hold',
    step: ({ value }) => ({ emit: { good: [value] } }),
  }),
  windowed({
    id: 'shop/hourly',
    from: checked,
    to: { totals },
    key: (value: string) => value,
    window: tumbling({ sizeMs: 3_600_000, graceMs: 90_000 }),
    idleAfterMs: 1500,
    initial: () => 0,
    add: (count) => count + 1,
    emit: 'final',
    result: () => ({ totals: ['1'] }),
  }),
  processor({
    id: 'shop/newest',
    from: checked,
    to: {},
    key: (value: string) => value,
    initial: () => '',
    as: newest,
    fanIn: true,
    step: ({ value }) => ({ state: value }),
  }),
]);

test('a description has every name, who writes and reads what, and survives JSON', () => {
  const description = describeTopology(shop);
  expect(JSON.parse(JSON.stringify(description))).toEqual(description);
  expect(description).toEqual({
    topology: 'shop',
    streams: [
      { name: 'sold', contentType: 'application/json', writtenBy: [], readBy: ['shop/check'] },
      {
        name: 'checked',
        contentType: 'application/json',
        writtenBy: ['shop/check'],
        readBy: ['shop/hourly', 'shop/newest'],
      },
      { name: 'totals', contentType: 'application/json', writtenBy: ['shop/hourly'], readBy: [] },
    ],
    processors: [
      {
        id: 'shop/check',
        from: 'sold',
        outputs: [
          { name: 'good', kind: 'stream', to: 'checked' },
          { name: 'told', kind: 'notification', to: 'mail' },
        ],
        lookups: [
          { name: 'price', table: 'prices', rows: 'one' },
          { name: 'limit', table: 'limits', rows: 'all' },
        ],
        onFault: 'hold',
      },
      {
        id: 'shop/hourly',
        from: 'checked',
        outputs: [{ name: 'totals', kind: 'stream', to: 'totals' }],
        lookups: [],
        onFault: 'dead-letter',
        state: {
          fanIn: false,
          windows: { kind: 'tumbling', sizeMs: 3_600_000, graceMs: 90_000 },
          timers: { graceMs: 90_000, idleAfterMs: 1500, whenIdle: 'fire-all', aheadToleranceMs: 90_000 },
        },
      },
      {
        id: 'shop/newest',
        from: 'checked',
        outputs: [],
        lookups: [],
        onFault: 'dead-letter',
        state: { fanIn: true, table: 'newest' },
      },
    ],
    tables: [{ name: 'newest', filledBy: 'shop/newest' }],
    references: ['prices', 'limits'],
    notifications: ['mail'],
  });
});

describe('the Mermaid picture', () => {
  const lines = mermaidOf(describeTopology(shop)).trimEnd().split('\n');
  const nodeOf = (name: string): string => {
    const found = lines.find((line) => line.includes(`"${name}"`));
    return /^ +(\w+)/.exec(found ?? '')?.[1] ?? '';
  };

  test('declares each stream, processor, table and notification once, with a node of its own', () => {
    const names = [
      'sold',
      'checked',
      'totals',
      'shop/check',
      'shop/hourly',
      'shop/newest',
      'prices',
      'limits',
      'newest',
      'mail',
    ];
    expect(lines[0]).toBe('flowchart LR');
    for (const name of names) expect(lines.filter((line) => line.includes(`"${name}"`))).toHaveLength(1);
    expect(new Set(names.map(nodeOf)).size).toBe(names.length);
  });

  test('has an arrow for each input, output, table and look-up', () => {
    const arrows = lines.filter((line) => line.includes('>') && line.includes('-')).map((line) => line.trim());
    const [check, hourly, latest] = ['shop/check', 'shop/hourly', 'shop/newest'].map(nodeOf);
    expect(arrows.sort()).toEqual(
      [
        `${nodeOf('sold')} --> ${String(check)}`,
        `${String(check)} -->|good| ${nodeOf('checked')}`,
        `${String(check)} -->|told| ${nodeOf('mail')}`,
        `${nodeOf('prices')} -.->|price| ${String(check)}`,
        `${nodeOf('limits')} -.->|limit| ${String(check)}`,
        `${nodeOf('checked')} --> ${String(hourly)}`,
        `${String(hourly)} -->|totals| ${nodeOf('totals')}`,
        `${nodeOf('checked')} --> ${String(latest)}`,
        `${String(latest)} --> ${nodeOf('newest')}`,
      ].sort(),
    );
  });
});

test('the outline says in words what each processor reads, writes, looks up and keeps', () => {
  expect(outlineOf(describeTopology(shop))).toBe(`topology shop
  enters by  sold
  leaves by  totals, mail
  tables     newest
  reference  prices, limits

shop/check
  reads      sold
  writes     checked as good
  writes     mail as told (notification)
  looks up   prices as price (one row)
  looks up   limits as limit (all rows)
  state      none, it looks at each record alone
  on fault   holds the partition until the step takes the record

shop/hourly
  reads      checked
  writes     totals as totals
  state      per key
  windows    tumbling, 1 hour
  timers     90 seconds of grace; all fire after 1500 milliseconds of quiet
  on fault   dead letter, and on

shop/newest
  reads      checked
  state      per key, readable as table newest, fed by many partition keys
  on fault   dead letter, and on
`);
});

test('the outline says where there is no grace', () => {
  const strict = processor({
    id: 'shop/strict',
    from: sold,
    to: {},
    key: (value: string) => value,
    initial: () => 0,
    timers: { graceMs: 0, idleAfterMs: 60_000, whenIdle: 'fire-all' },
    step: () => ({}),
    onTimer: () => ({}),
  });
  expect(outlineOf(describeTopology(topology('strict', [strict])))).toContain('timers     no grace; all fire after');
});
