import type { Stream } from '../stream/stream.ts';
import { processor, type FaultPolicy, type Processor } from './processor.ts';
import type { Table } from './table.ts';

/** Options of {@link aggregate}. */
export interface AggregateOptions<Value, Row> {
  readonly id: string;
  readonly from: Stream<Value>;
  readonly onFault?: FaultPolicy;
  /** Key of the row; refines the partition key unless `fanIn`. */
  key(value: Value): string;
  initial(value: Value): NoInfer<Row>;
  add(row: NoInfer<Row>, value: Value): NoInfer<Row>;
  /** The table that the rows make up. Row and ledger are one item, so a row counts a record once. */
  readonly as: Table<Row>;
  readonly fanIn?: boolean;
}

/** Describes a table kept up to date by folding a stream: one row per key, readable at any time. */
export const aggregate = <Value, Row>(options: AggregateOptions<Value, Row>): Processor =>
  processor<Value, Row | undefined, Record<never, never>>({
    id: options.id,
    from: options.from,
    to: {},
    ...(options.onFault !== undefined && { onFault: options.onFault }),
    ...(options.fanIn !== undefined && { fanIn: options.fanIn }),
    key: options.key.bind(options),
    initial: () => undefined,
    as: options.as,
    step: ({ state, value }) => ({ state: options.add(state ?? options.initial(value), value) }),
  });
