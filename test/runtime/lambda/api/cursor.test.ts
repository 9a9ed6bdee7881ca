import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ApiError } from '../../../../shared/runtime/lambda/api/api-response.ts';
import { cursors, type CursorScope } from '../../../../shared/runtime/lambda/api/cursor.ts';

const secret = (): Promise<Uint8Array> => Promise.resolve(Buffer.alloc(32, 7));
const sealed = cursors(secret);
const seal = (scope: CursorScope, after: string): Promise<string> => sealed.seal(scope, after);
const open = (scope: CursorScope, cursor: string): Promise<string> => sealed.open(scope, cursor);

const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
const scope: fc.Arbitrary<CursorScope> = fc.array(fc.option(fc.string(), { nil: undefined }), { maxLength: 5 });

test('a cursor opens to the key it was made of, for its own query', async () => {
  await fc.assert(
    fc.asyncProperty(scope, key, async (query, after) => {
      expect(await open(query, await seal(query, after))).toBe(after);
    }),
  );
});

test('a cursor of another query is refused', async () => {
  await fc.assert(
    fc.asyncProperty(scope, scope, key, async (query, other, after) => {
      fc.pre(JSON.stringify(query) !== JSON.stringify(other));
      await expect(open(other, await seal(query, after))).rejects.toThrow(ApiError);
    }),
  );
});

test('a query is another than one whose parts are joined otherwise', async () => {
  for (const [one, other] of [
    [['a', 'b'], ['ab']],
    [['a', undefined], ['a']],
    [
      ['a', undefined, 'b'],
      ['a', 'b', undefined],
    ],
  ] as const) {
    await expect(open(other, await seal(one, 'key'))).rejects.toThrow(/not one of this query/);
  }
});

test('a cursor with any character changed, taken away or added is refused', async () => {
  const cursor = await seal(['tables', 'weather-daily'], 'US-AZ/2016-01-01');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \n\0é';
  const changed = Array.from(cursor, (_, at) => at).flatMap((at) => [
    cursor.slice(0, at) + cursor.slice(at + 1),
    ...Array.from(alphabet, (other) => other).flatMap((other) => [
      cursor.slice(0, at) + other + cursor.slice(at + 1),
      cursor.slice(0, at) + other + cursor.slice(at),
    ]),
  ]);
  for (const forged of new Set([...changed, `${cursor}=`, `${cursor}A`, ''])) {
    if (forged === cursor) continue;
    await expect(open(['tables', 'weather-daily'], forged)).rejects.toThrow(ApiError);
  }
});

test('a cursor with any byte changed is refused', async () => {
  await fc.assert(
    fc.asyncProperty(key, fc.nat(), fc.integer({ min: 1, max: 255 }), async (after, place, flip) => {
      const bytes = Buffer.from(await seal(['q'], after), 'base64url');
      bytes[place % bytes.length] = (bytes[place % bytes.length] ?? 0) ^ flip;
      await expect(open(['q'], bytes.toString('base64url'))).rejects.toThrow(ApiError);
    }),
  );
});

test('a cursor sealed with another secret is refused', async () => {
  const other = cursors(() => Promise.resolve(Buffer.alloc(32, 8)));
  await expect(open(['q'], await other.seal(['q'], 'key'))).rejects.toThrow(ApiError);
});
