import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FormerRow, TablePort } from '../../../shared/engine/ports.ts';
import { dynamoStore } from '../../../shared/state/dynamodb/dynamo-store.ts';
import { dynamoTables } from '../../../shared/state/dynamodb/dynamo-tables.ts';
import { EFFECT_AFTER_MS, REMEMBER_MS, TABLE_CACHE_MS } from '../../../shared/state/dynamodb/row-history.ts';
import { servingTable, type ServingTable } from '../../../shared/state/dynamodb/serving-table.ts';
import { ROW_TABLE, STATE_TABLE } from '../../../shared/state/dynamodb/table-layout.ts';
import { rowAt, write } from '../../../shared/testing/state-store-rule.ts';
import { endpoint, sleepingClock, type Call, type Endpoint } from './endpoint.ts';
import { tableDouble } from './table-double.ts';

interface World {
  nowMs: number;
  readonly rules: ServingTable;
  /** An environment of a function, cold. */
  readonly environment: () => TablePort;
  readonly calls: readonly Call[];
  readonly client: Endpoint['client'];
}

const withWorld = async (check: (world: World) => Promise<void>): Promise<void> => {
  const double = tableDouble({ 'rules-1': ROW_TABLE, 'daily-1': ROW_TABLE, state: STATE_TABLE });
  await using server = await endpoint((call) => double.answer(call));
  const { client, calls } = server;
  const world: World = {
    nowMs: 1_000_000_000,
    rules: servingTable(client, 'rules-1', () => world.nowMs),
    environment: () =>
      dynamoTables({
        ...sleepingClock(60_000),
        nowMs: () => world.nowMs,
        deadlineMs: () => Infinity,
        client,
        tables: { 'weather-daily': 'daily-1' },
        references: { rules: 'rules-1' },
      }),
    calls,
    client,
  };
  await check(world);
};

/** The row that a record sees, as an engine finds it out. */
const seenRow = (current: unknown, former: readonly FormerRow[], key: string, arrivalMs: number): unknown => {
  let row = current;
  for (const edit of former) if (edit.key === key && arrivalMs < edit.untilMs) ({ row } = edit);
  return row;
};

/** What an environment shows of a key to a record: by key, and in the whole table. */
const seenBy = async (port: TablePort, key: string, arrivalMs: number): Promise<readonly [unknown, unknown]> => {
  const [current] = await port.rows('rules', [key]);
  const former = (await port.formerRows?.('rules', [key])) ?? [];
  const { rows, keys = [] } = await port.all('rules');
  const at = keys.indexOf(key);
  const formerOfAll = (await port.formerRows?.('rules', 'all')) ?? [];
  return [
    seenRow(current, former, key, arrivalMs),
    seenRow(at < 0 ? undefined : rows[at], formerOfAll, key, arrivalMs),
  ];
};

describe('an edit of reference data', () => {
  test('is not seen by a record that arrived before it, in any environment and attempt', async () => {
    await withWorld(async (world) => {
      await world.rules.put([{ key: 'a', value: 'old' }]);
      world.nowMs += 3_600_000;
      const warm = world.environment();
      const arrivalMs = world.nowMs;
      const attempts = [await seenBy(warm, 'a', arrivalMs)];
      await world.rules.put([{ key: 'a', value: 'new' }]);
      for (const laterMs of [0, 10_000, TABLE_CACHE_MS, EFFECT_AFTER_MS, 3_600_000, 20 * 3_600_000]) {
        world.nowMs += laterMs;
        attempts.push(await seenBy(warm, 'a', arrivalMs), await seenBy(world.environment(), 'a', arrivalMs));
      }
      expect(attempts).toEqual(attempts.map(() => ['old', 'old']));
    });
  });

  test('is seen by records that arrive when it counts, in every environment, and by those in between in none', async () => {
    await withWorld(async (world) => {
      await world.rules.put([{ key: 'a', value: 'old' }]);
      world.nowMs += 3_600_000;
      const warm = world.environment();
      await seenBy(warm, 'a', world.nowMs);
      await world.rules.put([{ key: 'a', value: 'new' }]);
      const editedMs = world.nowMs;
      world.nowMs = editedMs + EFFECT_AFTER_MS;
      for (const port of [warm, world.environment()]) {
        expect(await seenBy(port, 'a', editedMs + EFFECT_AFTER_MS - 1)).toEqual(['old', 'old']);
        expect(await seenBy(port, 'a', editedMs + EFFECT_AFTER_MS)).toEqual(['new', 'new']);
      }
    });
  });

  test('is seen by the same records in an environment that read the table just before it and in one that reads it now', async () => {
    await withWorld(async (world) => {
      await world.rules.put([{ key: 'a', value: 'old' }]);
      world.nowMs += 3_600_000;
      const warm = world.environment();
      await seenBy(warm, 'a', world.nowMs);
      world.nowMs += 1;
      await world.rules.put([{ key: 'a', value: 'new' }]);
      for (let second = 0; second < 180; second += 5) {
        world.nowMs += 5_000;
        expect(await seenBy(warm, 'a', world.nowMs)).toEqual(await seenBy(world.environment(), 'a', world.nowMs));
      }
    });
  });

  test('shows itself at once where people look', async () => {
    await withWorld(async ({ rules }) => {
      await rules.put([{ key: 'a', value: 'old' }]);
      await rules.put([{ key: 'a', value: 'new' }]);
      expect(await rules.row('a')).toBe('new');
    });
  });

  test('whatever is edited and whenever a record is processed, all attempts at it see the same', async () => {
    const edit = fc.record({
      afterMs: fc.constantFrom(1_000, 30_000, 200_000),
      value: fc.option(fc.nat(3), { nil: undefined }),
    });
    const look = fc.record({ afterMs: fc.constantFrom(20_000, 40_000, 130_000) });
    const happening = fc.oneof(
      edit.map((one) => ({ kind: 'edit' as const, ...one })),
      look.map((one) => ({ kind: 'look' as const, ...one })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 4, maxLength: 12 }), async (happenings) => {
        await withWorld(async (world) => {
          await world.rules.put([{ key: 'other', value: 0 }]);
          world.nowMs += 3_600_000;
          const warm = world.environment();
          /** Records that have arrived, with what the first attempt at each saw. */
          const seen = new Map<number, unknown>();
          for (const { afterMs, ...one } of happenings) {
            world.nowMs += afterMs;
            if (one.kind === 'edit') {
              if (one.value === undefined) await world.rules.remove('a');
              else await world.rules.put([{ key: 'a', value: one.value }]);
            }
            seen.set(world.nowMs, undefined);
            for (const port of [warm, world.environment()]) {
              for (const arrivalMs of seen.keys()) {
                const [byKey, inWhole] = await seenBy(port, 'a', arrivalMs);
                expect(inWhole).toEqual(byKey);
                const first = seen.get(arrivalMs);
                if (first === undefined) seen.set(arrivalMs, { row: byKey });
                else expect({ row: byKey }).toEqual(first);
              }
            }
          }
        });
      }),
      { numRuns: 30 },
    );
  });

  test('is known for 25 hours and no longer', async () => {
    await withWorld(async (world) => {
      await world.rules.put([{ key: 'a', value: 'old' }]);
      world.nowMs += 30 * 3_600_000;
      await world.rules.put([{ key: 'a', value: 'new' }]);
      const untilMs = world.nowMs + EFFECT_AFTER_MS;
      const port = world.environment();
      expect(await port.formerRows?.('rules', ['a'])).toEqual([{ key: 'a', untilMs, row: 'old' }]);
      world.nowMs = untilMs + REMEMBER_MS;
      expect([await port.formerRows?.('rules', ['a']), await port.formerRows?.('rules', 'all')]).toEqual([[], []]);
    });
  });

  test('of a row that is taken away is remembered like any other, newest first over all rows', async () => {
    await withWorld(async (world) => {
      await world.rules.put([
        { key: 'a', value: 1 },
        { key: 'b', value: 1 },
      ]);
      world.nowMs += 30 * 3_600_000;
      const firstMs = world.nowMs;
      await world.rules.remove('a');
      world.nowMs += 1_000;
      await world.rules.put([{ key: 'b', value: 2 }]);
      const former = [
        { key: 'b', untilMs: firstMs + 1_000 + EFFECT_AFTER_MS, row: 1 },
        { key: 'a', untilMs: firstMs + EFFECT_AFTER_MS, row: 1 },
      ];
      const port = world.environment();
      expect(await port.rows('rules', ['a', 'b'])).toEqual([undefined, 2]);
      expect(await port.all('rules')).toMatchObject({ rows: [2], keys: ['b'] });
      expect(await port.formerRows?.('rules', ['a', 'b'])).toEqual(former);
      expect(await port.formerRows?.('rules', 'all')).toEqual(former);
    });
  });

  test('changes the version of the whole table, also where the rows come to be what they were', async () => {
    await withWorld(async (world) => {
      await world.rules.put([{ key: 'a', value: 1 }]);
      const port = world.environment();
      const versions = [(await port.all('rules')).version];
      for (const value of [2, 1, 1]) {
        await world.rules.put([{ key: 'a', value }]);
        world.nowMs += TABLE_CACHE_MS;
        versions.push((await port.all('rules')).version);
      }
      expect(versions).toEqual([1, 2, 3, 3]);
    });
  });

  test('by a clock that is late never counts before the edit before it', async () => {
    await withWorld(async ({ rules, client, environment, ...world }) => {
      await rules.put([{ key: 'a', value: 1 }]);
      await rules.put([{ key: 'a', value: 2 }]);
      const late = servingTable(client, 'rules-1', () => world.nowMs - 600_000);
      await late.put([{ key: 'a', value: 3 }]);
      const former = (await environment().formerRows?.('rules', ['a'])) ?? [];
      expect(former.map(({ row }) => row)).toEqual([2, 1, undefined]);
      expect(former[0]?.untilMs).toBe(former[1]?.untilMs);
      expect(seenRow(3, former, 'a', world.nowMs)).toBe(1);
    });
  });
});

describe('the first load of a table', () => {
  test('counts at once, in environments that looked before, over all calls of one load', async () => {
    await withWorld(async (world) => {
      const warm = world.environment();
      expect(await seenBy(warm, 'a', world.nowMs)).toEqual([undefined, undefined]);
      const beforeMs = world.nowMs;
      world.nowMs += 1_000;
      await world.rules.put([{ key: 'a', value: 1 }], { more: true });
      expect(await seenBy(warm, 'b', world.nowMs)).toEqual([undefined, undefined]);
      world.nowMs += 1_000;
      await world.rules.put([{ key: 'b', value: 2 }]);
      expect([await seenBy(warm, 'a', world.nowMs), await seenBy(warm, 'b', world.nowMs)]).toEqual([
        [1, 1],
        [2, 2],
      ]);
      expect(await seenBy(warm, 'a', beforeMs)).toEqual([undefined, undefined]);
    });
  });

  test('ends the exception: a row that comes later counts like any other edit', async () => {
    await withWorld(async (world) => {
      await world.rules.put([{ key: 'a', value: 1 }]);
      await world.rules.put([{ key: 'b', value: 2 }]);
      const port = world.environment();
      expect(await seenBy(port, 'b', world.nowMs)).toEqual([undefined, undefined]);
      expect(await seenBy(port, 'b', world.nowMs + EFFECT_AFTER_MS)).toEqual([2, 2]);
    });
  });
});

describe('what an environment keeps', () => {
  test('rows are read once a minute, and that one is missing is found out again after fifteen seconds', async () => {
    await withWorld(async (world) => {
      await world.rules.put([{ key: 'a', value: 1 }]);
      const port = world.environment();
      const callsOf = async (keys: readonly string[]): Promise<number> => {
        const before = world.calls.length;
        await port.rows('rules', keys);
        await port.formerRows?.('rules', keys);
        return world.calls.length - before;
      };
      expect([await callsOf(['a', 'b']), await callsOf(['a', 'b'])]).toEqual([1, 0]);
      world.nowMs += 15_000;
      expect([await callsOf(['a']), await callsOf(['b'])]).toEqual([0, 1]);
      world.nowMs += TABLE_CACHE_MS - 15_000;
      expect(await callsOf(['a'])).toBe(1);
    });
  });

  test('a row of a table that a processor fills is read each time, by its key alone, and has no past', async () => {
    await withWorld(async ({ client, environment }) => {
      const store = dynamoStore({
        ...sleepingClock(60_000),
        client,
        stateTable: 'state',
        tables: { 'weather-daily': 'daily-1' },
        forgetAfterMs: 1,
      });
      const port = environment();
      await store.write([write(rowAt('x', 'US-VT'), 0, { state: '{"n":1}' })]);
      expect(await port.rows('weather-daily', ['x', 'y', '', 'x'])).toEqual([{ n: 1 }, undefined, undefined, { n: 1 }]);
      await store.write([write(rowAt('x', 'US-VT'), 1, { state: undefined })]);
      expect(await port.rows('weather-daily', ['x'])).toEqual([undefined]);
      expect(await port.formerRows?.('weather-daily', ['x'])).toEqual([]);
      expect(await port.all('weather-daily')).toMatchObject({ rows: [], keys: [] });
    });
  });
});
