import type { Lookup } from '../../shared/processor/table.ts';

/** Reading rows by key or by range. No table is ever scanned. */
export const READ_ROWS: readonly string[] = ['dynamodb:Query'];

/** Keeping a processor's states as rows. */
export const FILL_ROWS: readonly string[] = ['dynamodb:BatchGetItem', 'dynamodb:PutItem'];

/** Changing reference data: what a row was is read first, because it is kept with the row. */
export const EDIT_ROWS: readonly string[] = ['dynamodb:BatchGetItem', 'dynamodb:PutItem'];

/**
 * Looking rows up. The key of a reference row says where it is, so several are fetched together. A row that processors fill may exist
 * once for each partition key, so it is queried, like all rows of a table.
 */
export const lookUpActions = (
  kinds: ReadonlySet<Lookup<never, unknown>['kind']>,
  isReference: boolean,
): readonly string[] => [
  ...(kinds.has('row') && isReference ? ['dynamodb:BatchGetItem'] : []),
  ...(kinds.has('whole') || !isReference ? READ_ROWS : []),
];
