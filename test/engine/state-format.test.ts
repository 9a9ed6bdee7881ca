import { describe, expect, test } from '@jest/globals';
import { json } from '../../shared/codec/json.ts';
import { engine } from '../../shared/engine/engine.ts';
import { deleted, processor, type Processor } from '../../shared/processor/processor.ts';
import { batch, bench, delivered, item, itemStream, stored } from '../support/engine-bench.ts';

const input = itemStream('in');

interface Count {
  readonly count: number;
}
interface Total {
  readonly total: number;
}

const counting = processor({
  id: 'test/shape',
  from: input,
  to: {},
  key: ({ key }) => key,
  initial: (): Count => ({ count: 0 }),
  step: ({ state, value }) => ({ state: { count: state.count + value.n } }),
});

const isTotal = (value: unknown): value is Total =>
  typeof value === 'object' && value !== null && 'total' in value && typeof value.total === 'number';

/** The same with another shape of state; n = 0 is filtered, so the state stays as it was. */
const totalling = (
  options: { readonly version?: number; readonly migrates?: boolean; readonly hasCodec?: boolean } = {},
): Processor =>
  processor({
    id: 'test/shape',
    from: input,
    to: {},
    key: ({ key }) => key,
    initial: (): Total => ({ total: 0 }),
    ...(options.version !== undefined && { version: options.version }),
    ...(options.migrates === true && {
      migrate: (old: unknown, version: number): Total => {
        if (version !== 1) throw new Error(`no way from version ${String(version)}`);
        return { total: Number(Reflect.get(Object(old), 'count')) };
      },
    }),
    ...(options.hasCodec === true && { codec: json('total', isTotal) }),
    step: ({ state, value }) => (value.n === 0 ? { outcome: 'filtered' } : { state: { total: state.total + value.n } }),
  });

describe('state that an older version wrote', () => {
  test('is migrated when it is read, and stored in the new shape with the first change', async () => {
    const made = bench();
    await engine(counting, made.ports).process(batch(item('A', 'x', 5)));
    await engine(totalling({ version: 2, migrates: true }), made.ports).process([delivered(2, item('A', 'x', 1))]);
    expect(await stored(made.store, 'test/shape')).toEqual({ x: { total: 6 } });
    await engine(totalling({ version: 2, migrates: true }), made.ports).process([delivered(3, item('A', 'x', 2))]);
    expect(await stored(made.store, 'test/shape')).toEqual({ x: { total: 8 } });
  });

  test('is migrated also where the first record does not change it: the version stored is that of the shape stored', async () => {
    for (const hasCodec of [false, true]) {
      const made = bench();
      const described = totalling({ version: 2, migrates: true, hasCodec });
      await engine(counting, made.ports).process(batch(item('A', 'x', 5)));
      const filtered = await engine(described, made.ports).process([delivered(2, item('A', 'x', 0))]);
      expect(filtered.books).toMatchObject({ filtered: 1 });
      const { books } = await engine(described, made.ports).process([delivered(3, item('A', 'x', 1))]);
      expect(books).toMatchObject({ applied: 1 });
      expect(await stored(made.store, 'test/shape')).toEqual({ x: { total: 6 } });
    }
  });

  test.each<[string, Processor, RegExp]>([
    ['without a migrate', totalling({ version: 2 }), /written by version 1, this is version 2 and has no 'migrate'/u],
    ['without a version, but with a codec that does not know it', totalling({ hasCodec: true }), /not a total/u],
    ['by a migrate that throws', totalling({ version: 3, migrates: true, hasCodec: true }), /not a total|no way/u],
  ])(
    'that cannot be read, %s, makes dead letters that say what to do, and stays as it is',
    async (name, described, error) => {
      const made = bench();
      await engine(counting, made.ports).process(batch(item('A', 'x', 5)));
      if (name.startsWith('by')) {
        await engine(totalling({ version: 2, migrates: true }), made.ports).process([delivered(2, item('A', 'x', 1))]);
      }
      const before = await stored(made.store, 'test/shape');
      const { books, held } = await engine(described, made.ports).process([
        delivered(3, item('A', 'x', 1)),
        delivered(4, item('A', 'y', 2)),
      ]);
      expect(held).toEqual([]);
      expect(books).toMatchObject({ in: 2, applied: 1, deadLettered: 1 });
      expect(made.outputs.letters[0]?.error).toMatch(/^processor 'test\/shape' cannot use the state of key 'x': /u);
      expect(made.outputs.letters[0]?.error).toMatch(error);
      expect(made.outputs.letters[0]?.error).toMatch(
        /give the processor a higher 'version' and a 'migrate', or delete the state$/u,
      );
      expect(await stored(made.store, 'test/shape')).toEqual({ ...before, y: { total: 2 } });
    },
  );

  test('is read again by the version that wrote it after a deployment was taken back', async () => {
    const made = bench();
    await engine(counting, made.ports).process(batch(item('A', 'x', 5)));
    await engine(totalling({ version: 2 }), made.ports).process([delivered(2, item('A', 'x', 1))]);
    const { books } = await engine(counting, made.ports).process([delivered(3, item('A', 'x', 1))]);
    expect(books).toMatchObject({ applied: 1 });
    expect(await stored(made.store, 'test/shape')).toEqual({ x: { count: 6 } });
  });
});

describe('a codec of state', () => {
  test('refuses at the writer what it would refuse at the reader', async () => {
    const made = bench();
    const described = processor({
      id: 'test/guarded',
      from: input,
      to: {},
      key: ({ key }) => key,
      initial: (): Total => ({ total: 0 }),
      codec: json('total', (value): value is Total => isTotal(value) && value.total < 10),
      step: ({ state, value }) => ({ state: { total: state.total + value.n } }),
    });
    const { books } = await engine(described, made.ports).process(
      batch(item('A', 'x', 5), item('A', 'x', 50), item('A', 'x', 1)),
    );
    expect(books).toMatchObject({ applied: 2, deadLettered: 1 });
    expect(made.outputs.letters).toMatchObject([
      { sequenceNumber: '49000002', error: expect.stringMatching(/cannot be stored: not a total/u) },
    ]);
    expect(await stored(made.store, 'test/guarded')).toEqual({ x: { total: 6 } });
  });

  test('that throws while it reads is the fault of the records of that key', async () => {
    const made = bench();
    await engine(counting, made.ports).process(batch(item('A', 'x', 5)));
    const codec = {
      ...json('total', isTotal),
      fromData: () => {
        throw new Error('broken codec');
      },
    };
    const described = {
      ...totalling(),
      keyed: { version: 1, fanIn: false, key: () => 'x', initial: () => ({ total: 0 }), codec },
    };
    const { books, held } = await engine(described, made.ports).process([delivered(2, item('A', 'x', 1))]);
    expect(held).toEqual([]);
    expect(books).toMatchObject({ deadLettered: 1 });
    expect(made.outputs.letters[0]?.error).toMatch(/broken codec/u);
  });
});

describe('state that a step deletes', () => {
  /** n = 0 deletes; other records add up. */
  const deleting = processor({
    id: 'test/delete',
    from: input,
    to: { out: itemStream('out') },
    key: ({ key }) => key,
    initial: () => 100,
    step: ({ state, value }) => (value.n === 0 ? { state: deleted } : { state: state + value.n }),
  });

  test('is gone, the next record finds the initial one, and repeats are still known', async () => {
    const made = bench();
    const records = batch(item('A', 'x', 1), item('A', 'x', 0));
    await engine(deleting, made.ports).process(records);
    expect(await stored(made.store, 'test/delete')).toEqual({ x: null });
    const { books } = await engine(deleting, made.ports).process([...records, delivered(3, item('A', 'x', 5))]);
    expect(books).toMatchObject({ duplicate: 2, applied: 1 });
    expect(await stored(made.store, 'test/delete')).toEqual({ x: 105 });
  });

  test('is gone for the records that follow in the same batch', async () => {
    const made = bench();
    await engine(deleting, made.ports).process(batch(item('A', 'x', 1), item('A', 'x', 0), item('A', 'x', 7)));
    expect(await stored(made.store, 'test/delete')).toEqual({ x: 107 });
  });

  test('is told apart from a state of null', async () => {
    const made = bench();
    const nulling = processor({
      id: 'test/null',
      from: input,
      to: {},
      key: ({ key }) => key,
      initial: (): number | null => 1,
      step: ({ state, value }) => ({ state: state === null ? value.n : null }),
    });
    await engine(nulling, made.ports).process(batch(item('A', 'x', 5)));
    await engine(nulling, made.ports).process([delivered(2, item('A', 'x', 6))]);
    expect(await stored(made.store, 'test/null')).toEqual({ x: 6 });
  });
});
