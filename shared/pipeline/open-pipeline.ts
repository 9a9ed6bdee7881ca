import type { Topology } from '../processor/topology.ts';
import type { ReferenceRows } from '../runtime/local/reference-tables.ts';
import { UserError } from '../source/user-error.ts';
import { arrivalBy, type Arrival } from '../source/arrival.ts';
import type { Stream } from '../stream/stream.ts';
import type { Pipeline, SomeValues } from './description.ts';

/** A pipeline with its options chosen and its reference data at hand: all it needs to take in raw records here. */
export interface OpenPipeline {
  readonly pipeline: Pipeline;
  readonly topology: Topology;
  /** The stream that raw records enter. */
  readonly entry: Stream<unknown>;
  /** Rows by table name and key. */
  readonly reference: ReferenceRows;
  readonly partitionKeyOf: (record: string) => string;
  /** See `Entry.arrivalMs`; the answer is never earlier than `beforeMs`. */
  readonly arrivalMs: Arrival;
}

/** Which options and data a pipeline is opened with. */
export interface OpenPipelineOptions {
  readonly values: SomeValues;
  /** Rows by name of the reference. */
  readonly rows: Readonly<Record<string, ReadonlyMap<string, unknown>>>;
}

/** Opens a pipeline, and loads what the codec of its entry needs. */
export const openPipeline = async (
  pipeline: Pipeline,
  { values, rows }: OpenPipelineOptions,
): Promise<OpenPipeline> => {
  const { entry, references } = pipeline;
  await entry.codec.prepare?.();
  const filled = Object.fromEntries(Object.keys(references).map((name) => [name, rows[name] ?? NO_ROWS]));
  return {
    pipeline,
    topology: pipeline.topology(values),
    entry,
    reference: Object.fromEntries(
      Object.entries(references).map(([name, { table }]) => [table.name, filled[name] ?? NO_ROWS]),
    ),
    partitionKeyOf: pipeline.partitionKeyOf?.(filled) ?? keyByStream(entry),
    arrivalMs: pipeline.arrivalMs ?? arrivalByStream(entry),
  };
};

/**
 * Checks the rows of references against each other. Returns whether that was possible: all references must be there. Throws a
 * {@link UserError} for rows that do not go together.
 */
export const checkTogether = (
  { references, faultOfReferences }: Pick<Pipeline, 'references' | 'faultOfReferences'>,
  rows: OpenPipelineOptions['rows'],
): boolean => {
  if (Object.keys(references).some((name) => rows[name] === undefined)) return false;
  const fault = faultOfReferences?.(rows);
  if (fault !== undefined) throw new UserError(fault);
  return true;
};

const NO_ROWS: ReadonlyMap<string, unknown> = new Map();

/** Where records go that say nothing of where they belong; their processor will say what is wrong with them. */
const UNKNOWN_KEY = 'unknown';

/** The partition key that a stream has for a raw record of it. */
export const keyByStream =
  (stream: Stream<unknown>): ((record: string) => string) =>
  (record) => {
    const decoded = stream.codec.decode(record);
    if (decoded.kind !== 'value') return UNKNOWN_KEY;
    try {
      return stream.partitionKey(decoded.value);
    } catch {
      return UNKNOWN_KEY;
    }
  };

const arrivalByStream = (stream: Stream<unknown>): Arrival => {
  if (stream.eventTimeMs === undefined) return (_records, beforeMs) => Math.max(Date.now(), beforeMs ?? 0);
  return arrivalBy({
    timeMsOf: (record) => {
      const decoded = stream.codec.decode(record);
      if (decoded.kind !== 'value') return Number.NaN;
      try {
        return stream.eventTimeMs?.(decoded.value) ?? Number.NaN;
      } catch {
        return Number.NaN;
      }
    },
  });
};
