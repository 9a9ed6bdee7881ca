import { ApiError } from '../../../../../shared/runtime/lambda/api/api-response.ts';
import { api, type ApiHandler } from '../../../../../shared/runtime/lambda/api/api.ts';
import { cursors } from '../../../../../shared/runtime/lambda/api/cursor.ts';
import { referenceRoutes } from '../../../../../shared/runtime/lambda/api/reference-routes.ts';
import { tableRoutes, type ReadTable } from '../../../../../shared/runtime/lambda/api/table-routes.ts';
import type { ServingTable } from '../../../../../shared/state/dynamodb/serving-table.ts';
import { memoryTable } from './memory-table.ts';

/** An API of one table to read and one to edit, and what it has logged. */
export interface ShopApi {
  readonly handler: ApiHandler;
  readonly logged: readonly Readonly<Record<string, unknown>>[];
}

/** Rows with keys of every kind that a path may carry. */
export const TOTALS: readonly (readonly [string, unknown])[] = [
  ['DE', { pieces: 1 }],
  ['DE/2016-01-01', { pieces: 2 }],
  ['DE/2016-01-02', { pieces: 3 }],
  ['50%', { pieces: 4 }],
  ['a%2Fb', { pieces: 5 }],
  ['a/b', { pieces: 6 }],
  ['what?', { pieces: 7 }],
  ['/', { pieces: 8 }],
  ['ends/', { pieces: 9 }],
  ['M\u00fcnchen #1 + \u6f22', { pieces: 10 }],
  ['\u{1f327}', { pieces: 11 }],
  ['\uffee', { pieces: 12 }],
  ['__proto__', { pieces: 13 }],
  ['constructor', { pieces: 14 }],
];

/** Makes the API; the tables may be others than those in memory. */
export const shopApi = (
  totals: ReadTable = memoryTable(TOTALS),
  prices: ServingTable = memoryTable([['apple', { cents: 30 }]]),
): ShopApi => {
  const logged: Readonly<Record<string, unknown>>[] = [];
  const sealed = cursors(() => Promise.resolve(Buffer.alloc(32, 1)));
  const tables = new Map<string, ReadTable>([
    ['shop-totals', totals],
    ['shop-prices', prices],
  ]);
  const handler = api(
    [
      ...tableRoutes({ table: (name) => tables.get(name), cursors: sealed }),
      ...referenceRoutes({
        path: '/prices',
        table: prices,
        cursors: sealed,
        rowOf: (_id, data) => {
          if (typeof data === 'object' && data !== null && 'cents' in data) return data;
          throw new ApiError('bad-body', 'a price has cents');
        },
      }),
    ],
    (entry) => {
      logged.push(entry);
    },
  );
  return { handler, logged };
};
