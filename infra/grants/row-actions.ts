import type { Lookup } from '../../shared/processor/table.ts';

/** Asking for rows by key, or for a range of them: no table is ever scanned. */
export const READ_ROWS: readonly string[] = ['dynamodb:Query'];

/** Keeping a processor's states as rows. */
export const FILL_ROWS: readonly string[] = ['dynamodb:BatchGetItem', 'dynamodb:PutItem'];

/** Changing reference data: what a row was is read first, because it is kept with the row. */
export const EDIT_ROWS: readonly string[] = ['dynamodb:BatchGetItem', 'dynamodb:PutItem'];

/** Looking rows up: by key many are fetched together, a whole table is read in the order of its keys. */
export const lookUpActions = (kinds: ReadonlySet<Lookup<never, unknown>['kind']>): readonly string[] => [
  ...(kinds.has('row') ? ['dynamodb:BatchGetItem'] : []),
  ...(kinds.has('whole') ? READ_ROWS : []),
];
