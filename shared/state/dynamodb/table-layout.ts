/** A key attribute of a table or index: text (`S`) or a number (`N`). */
export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N';
}

/** A sparse index that holds keys only. */
export interface IndexLayout {
  readonly name: string;
  readonly partitionKey: KeyAttribute;
  readonly sortKey: KeyAttribute;
}

/** How a DynamoDB table must be made: all that cannot be changed later, and what its readers rely on. */
export interface TableLayout {
  readonly partitionKey: KeyAttribute;
  readonly sortKey: KeyAttribute;
  /** Indexes within a partition; they share its partition key and can be read consistently. */
  readonly localIndexes: readonly IndexLayout[];
  readonly globalIndexes: readonly IndexLayout[];
  /** Attribute with the time, in seconds since 1970, after which DynamoDB may delete an item. */
  readonly ttlAttribute: string;
}

const PK = { name: 'pk', type: 'S' } as const;

/** Index of the items of a partition key by the time their timer is due, in milliseconds. */
export const TIMERS_INDEX = 'timers';

/** Index of the partition keys of a processor by the minute they were last active in. */
export const ACTIVITY_INDEX = 'activity';

/** The table of keyed state and of the progress of partition keys; one for a topology. */
export const STATE_TABLE: TableLayout = {
  partitionKey: PK,
  sortKey: { name: 'sk', type: 'S' },
  localIndexes: [{ name: TIMERS_INDEX, partitionKey: PK, sortKey: { name: 't', type: 'N' } }],
  globalIndexes: [{ name: ACTIVITY_INDEX, partitionKey: { name: 'd', type: 'S' }, sortKey: { name: 'i', type: 'N' } }],
  ttlAttribute: 'x',
};

/** A table of rows by key: one for each table of a topology, filled by a processor or with reference data. */
export const ROW_TABLE: TableLayout = {
  partitionKey: { name: 'b', type: 'S' },
  sortKey: { name: 'k', type: 'S' },
  localIndexes: [],
  globalIndexes: [],
  ttlAttribute: 'x',
};
