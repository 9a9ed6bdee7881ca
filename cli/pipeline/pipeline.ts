import type { Topology } from '../../shared/processor/topology.ts';
import type { ReferenceRows } from '../../shared/runtime/local/reference-tables.ts';
import type { MailOptions } from '../results/mail-file.ts';

/** A topology with all it needs to run here on raw text records. */
export interface Pipeline {
  readonly topology: Topology;
  /** The stream that raw records enter. */
  readonly source: string;
  readonly reference: ReferenceRows;
  readonly mail: MailOptions;
  /** The partition key of a raw record. */
  locate(record: string): string;
}
