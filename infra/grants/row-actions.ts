import type { Lookup } from '../../shared/processor/table.ts';

/** Asking for rows by key, or for a range of them: no table is ever scanned. */
export const READ_ROWS: readonly string[] = ['dynamodb:Query'];

/** Keeping a processor's states as rows. */
export const FILL_ROWS: readonly string[] = ['dynamodb:BatchGetItem', 'dynamodb:PutItem'];

/** Changing reference data. */
export const EDIT_ROWS: readonly string[] = ['dynamodb:BatchWriteItem', 'dynamodb:DeleteItem'];

/**
 * Looking rows up. A row of reference data has one place, so many are fetched together; a row that processors fill may have one
 * for each partition key, so it is asked for, as all rows are.
 */
export const lookUpActions = (
  kinds: ReadonlySet<Lookup<never, unknown>['kind']>,
  isReference: boolean,
): readonly string[] => [
  ...(kinds.has('row') && isReference ? ['dynamodb:BatchGetItem'] : []),
  ...(kinds.has('whole') || !isReference ? READ_ROWS : []),
];
