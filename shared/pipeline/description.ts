import type { Volumes } from '../cost/assumptions.ts';
import type { Notification } from '../processor/notification.ts';
import type { Table } from '../processor/table.ts';
import type { Topology } from '../processor/topology.ts';
import type { GeneratedData } from '../source/generated-source.ts';
import type { InputFormat } from '../source/input-format.ts';
import type { Stream } from '../stream/stream.ts';
import type { LiveView } from './live-view.ts';
import type { Options, OptionValues } from './options.ts';
import type { References, RowsOf } from './reference.ts';

/** A function of values whose types only its author knows; the pipeline that holds it hands it the values of its own options. */
export type FunctionOf<Values, Result> = { of(values: Values): Result }['of'];

/** How records enter a pipeline. */
export interface Entry<Rows> {
  /** @default - the one stream that no processor writes */
  readonly stream?: Stream<unknown>;
  /**
   * Makes what finds the partition key of a raw record, good or bad.
   *
   * @default - the partition key that the stream has for the decoded record; `unknown` for one that cannot be decoded
   */
  readonly partitionKeyOf?: FunctionOf<Rows, (record: string) => string>;
  /**
   * When records that are read together have arrived, in milliseconds since 1970; see `arrivalBy`.
   *
   * @default - what `eventTimeMs` of the stream says; without one, the clock of this machine
   */
  readonly arrivalMs?: (records: readonly string[], beforeMs: number | undefined) => number | undefined;
}

/** Generated data to show a pipeline with, and the reference data that belongs to it. */
export interface Demo {
  readonly options: Options;
  /** What to type to see other data, and what that is. @default - nothing */
  readonly tryNext?: { readonly args: string; readonly what: string };
  readonly data: FunctionOf<SomeValues, DemoData>;
}

/** What a {@link Demo} makes of its options. */
export interface DemoData extends GeneratedData {
  /** Rows by name of the reference. @default - none */
  readonly references?: Readonly<Record<string, ReadonlyMap<string, unknown>>>;
}

/** What of a run's results people look at first. */
export interface Highlight {
  /** In a few words: `daily extremes`. */
  readonly what: string;
  readonly where: Stream<unknown> | Table<unknown> | Notification<unknown>;
}

/** What an HTTP API of a pipeline's tables serves beside `GET /tables/{table}`; its code is `handlers/api.ts` beside the processors'. */
export interface ApiOptions {
  /** Tables that processors fill. @default - all */
  readonly tables?: readonly Table<unknown>[];
  /** Tables of reference data. @default - all */
  readonly references?: readonly Table<unknown>[];
  /** Those of reference data that the API also changes. @default - none */
  readonly edited?: readonly Table<unknown>[];
  /** Further routes. @default - none */
  readonly routes?: readonly { readonly method: 'GET' | 'PUT' | 'DELETE'; readonly path: string }[];
}

/** What a deployment to AWS needs beside the topology. */
export interface DeploymentOptions<Values> {
  /** Environment variables of single functions, by processor id. @default - none */
  readonly settings?: FunctionOf<Values, Readonly<Record<string, Readonly<Record<string, string>>>>>;
  readonly api?: ApiOptions;
  /** Measured volumes, for the bill. @default - general assumptions */
  readonly volumes?: Volumes;
  /** On what they were measured, for the help. */
  readonly volumesMeasuredOn?: string;
  /** Maximum bytes of single bundles, by name of the handler's file without `.ts`. @default - the limit of all */
  readonly bundleBytes?: Readonly<Record<string, number>>;
}

/** All that a pipeline is made of; see `pipeline`. */
export interface PipelineOptions<Own extends Options, Refs extends References> {
  readonly topology: Topology | FunctionOf<OptionValues<Own>, Topology>;
  /** One sentence on what it does, for the help. */
  readonly about?: string;
  readonly options?: Own;
  /** The formats of its inputs; the first counts where the lines do not say. @default - each line is a record */
  readonly inputs?: readonly InputFormat[];
  readonly references?: Refs;
  /**
   * What is wrong with references taken together, such as a row that names one which another lacks: what, and what to do. Asked
   * where all of them are read.
   *
   * @default - nothing is
   */
  readonly faultOfReferences?: FunctionOf<RowsOf<Refs>, string | undefined>;
  readonly entry?: Entry<RowsOf<Refs>>;
  /** @default - none, and `millrace start` needs `--input` */
  readonly demo?: Demo;
  /** @default - the newest values of a stream that no processor reads */
  readonly live?: LiveView;
  /** @default - every stream that no processor reads, and every table */
  readonly highlights?: readonly Highlight[];
  readonly deployment?: DeploymentOptions<OptionValues<Own>>;
}

/** What holds the values of options, and the rows of references, once their types are forgotten. */
export type SomeValues = Readonly<Record<string, unknown>>;

/** A pipeline as one value: command line, infrastructure, live view, reports and demo follow from it. */
export interface Pipeline {
  readonly name: string;
  readonly about: string;
  readonly options: Options;
  /** At least one. */
  readonly inputs: readonly InputFormat[];
  readonly references: References;
  readonly faultOfReferences: FunctionOf<SomeValues, string | undefined> | undefined;
  /** The stream that records enter by, unless another one is named. */
  readonly entry: Stream<unknown>;
  readonly partitionKeyOf: Entry<unknown>['partitionKeyOf'] | undefined;
  readonly arrivalMs: Entry<unknown>['arrivalMs'];
  readonly demo: Demo | undefined;
  readonly live: LiveView | undefined;
  readonly highlights: readonly Highlight[] | undefined;
  readonly deployment: DeploymentOptions<SomeValues>;
  topology(values: SomeValues): Topology;
}
