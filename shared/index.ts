/*
 * The public names of `millrace`, in the order data flows.
 */
export { bytes } from './codec/bytes.ts';
export type { Codec, Decoded } from './codec/codec.ts';
export { gunzip, type GunzipOptions } from './codec/gunzip.ts';
export { json, type JsonOptions } from './codec/json.ts';
export { KplAggregator, type KplAggregatorOptions } from './codec/kpl-aggregator.ts';
export { deaggregate, isAggregated, type Deaggregated } from './codec/kpl.ts';
export { text } from './codec/text.ts';

export type { DeliveredRecord } from './stream/delivered-record.ts';
export type { Origin } from './stream/origin.ts';
export { merged, type MergedStream, type LogicalStreams, type Tagged, type ValueOf } from './stream/merged.ts';
export { bucketOf, shortPartitionKey } from './stream/partition-key.ts';
export { stream, type ProducerEventId, type Stream, type StreamOptions } from './stream/stream.ts';

export { aggregate, type AggregateOptions } from './processor/aggregate.ts';
export { mermaidOf } from './processor/description/describe-mermaid.ts';
export { outlineOf } from './processor/description/describe-text.ts';
export {
  describeTopology,
  type TopologyDescription,
  type ProcessorDescription,
  type StateDescription,
} from './processor/description/describe.ts';
export { notification, type Message, type Notification, type NotificationOptions } from './processor/notification.ts';
export {
  deleted,
  processor,
  type FaultPolicy,
  type KeyedOptions,
  type Processor,
  type StatelessOptions,
  type StepInput,
  type StepOutcome,
  type StepResult,
  type TimerInput,
  type TimerOptions,
  type MergedOptions,
  type TimerResult,
} from './processor/processor.ts';
export type { Emit, Output, Outputs } from './processor/outputs.ts';
export {
  rowOf,
  table,
  wholeTable,
  type Lookup,
  type Table,
  type RowLookup,
  type WholeLookup,
} from './processor/table.ts';
export { topology, type Topology } from './processor/topology.ts';
export { tumbling, type TumblingOptions, type TumblingWindows } from './processor/windows/tumbling.ts';
export type { Window, Windows, WindowsDescription } from './processor/windows/windows.ts';
export { Refused, windowed, type WindowedOptions, type KeyedWindow } from './processor/windows/windowed.ts';

export { memoryStore } from './state/memory-store.ts';
export { sqliteStore } from './state/sqlite-store.ts';
export type {
  ConditionalWrite,
  DuePartition,
  PartitionProgress,
  StateStore,
  StoredItem,
  WriteOutcome,
  StateAddress,
} from './state/state-store.ts';

export { missing, type Books } from './engine/books.ts';
export type { DeadLetter } from './engine/dead-letter.ts';
export type { EngineOptions } from './engine/decode.ts';
export { engine, type BatchResult, type Engine, type HeldPartition } from './engine/engine.ts';
export type {
  Delivery,
  DeliveryOutcome,
  EnginePorts,
  NotificationDelivery,
  OutputPort,
  StreamDelivery,
  TablePort,
  FormerRow,
  NotificationItem,
  TableRows,
} from './engine/ports.ts';

export { batchResponse, type BatchResponse } from './runtime/batch-response.ts';
export { deliveredRecords, type KinesisEvent, type EventRecord, type ReceivedEvent } from './runtime/kinesis-event.ts';
export { localRuntime, type LocalRuntime, type LocalRuntimeOptions } from './runtime/local/local-runtime.ts';
export type { PutResult } from './runtime/local/log/partitioned-log.ts';
export type { ReferenceRows } from './runtime/local/reference-tables.ts';
export type { StreamReader } from './runtime/local/stream-reader.ts';
export { memoryStorage, sqliteStorage, type LocalStorage, StorageFormError } from './runtime/local/local-storage.ts';
export { EventSourceMapping, type EventSourceMappingProps } from './runtime/local/mapping/event-source-mapping.ts';
export type { EventSourceMappingOptions, SimulationOptions } from './runtime/local/mapping/mapping-options.ts';

export type { Volumes } from './cost/assumptions.ts';
export { defineConfig, type Config } from './pipeline/config.ts';
export type {
  ApiOptions,
  Demo,
  DemoData,
  DeploymentOptions,
  Entry,
  FunctionOf,
  Highlight,
  Pipeline,
  PipelineOptions,
  SomeValues,
} from './pipeline/description.ts';
export { liveView, type LiveView, type Look, type Piece } from './pipeline/live-view.ts';
export {
  choice,
  freeText,
  wholeNumber,
  type Checked,
  type Option,
  type Options,
  type OptionValues,
} from './pipeline/options.ts';
export { demo, pipeline } from './pipeline/pipeline.ts';
export {
  file,
  optionalFile,
  reference,
  type Reference,
  type ReferenceFile,
  type ReferenceOptions,
  type References,
  type RowsOf,
  type TextsOf,
} from './pipeline/reference.ts';

export { arrivalBy, type Arrival, type ArrivalOptions } from './source/arrival.ts';
export type { GeneratedData } from './source/generated-source.ts';
export type { InputFormat, LineReader } from './source/input-format.ts';
export type { Chunk, DamagedInput, InputTotals, OpenOptions, Source } from './source/source.ts';
export { FileContentError, UserError, type SourceText } from './source/user-error.ts';
