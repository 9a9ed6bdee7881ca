import { collectionOf } from '../../../shared/processor/processor.ts';
import type { Topology } from '../../../shared/processor/topology.ts';
import type { Books } from '../../../shared/engine/books.ts';
import type { LocalRuntime } from '../../../shared/runtime/local/local-runtime.ts';
import type { StoredItem } from '../../../shared/state/state-store.ts';
import { peeker } from '../../../shared/stream/envelope.ts';
import type { Outcomes } from '../outcomes.ts';
import { withoutShard, type RawLabels } from './raw-labels.ts';
import { streamView, type StreamView } from './stream-view.ts';

/** What is left of a run, in a form that is the same for every run of one input. */
export interface RunView {
  readonly streams: ReadonlyMap<string, StreamView>;
  /** `processor key` -> state, ledger and timer. */
  readonly state: ReadonlyMap<string, string>;
  /** `processor partition key` -> how far event time has come; where it goes on with the clock, it is left out. */
  readonly watermarks: ReadonlyMap<string, string>;
  /** Timers that are still to fire, although all partition keys were idle. */
  readonly timers: readonly string[];
  readonly deadLetters: ReadonlyMap<string, string>;
  /** What people were notified of -> how often. */
  readonly told: ReadonlyMap<string, number>;
  /** What the steps said, by `processor value`. */
  readonly outcomes: ReadonlyMap<string, ReadonlySet<string>>;
  readonly books: ReadonlyMap<string, Books>;
}

/** Looks at everything a run has written. */
export const runView = async (runtime: LocalRuntime, labels: RawLabels, outcomes: Outcomes): Promise<RunView> => {
  const { topology, storage, outputs } = runtime;
  const written = topology.streams.filter((stream) => !topology.sources.includes(stream));
  const items = await itemsOf(runtime);
  return {
    streams: new Map(written.map(({ name }) => [name, streamView(storage.log, name, labels)])),
    state: new Map(items.map((item) => [`${item.collection} ${item.partitionKey} ${item.key}`, textOf(item, labels)])),
    watermarks: await watermarksOf(topology, runtime, items),
    timers: items.filter(({ timerMs }) => timerMs !== undefined).map(({ collection, key }) => `${collection} ${key}`),
    deadLetters: new Map([...outputs.deadLetters()].map((letter) => letterOf(letter, labels))),
    told: toldIn([...outputs.messages(0)].map(({ message }) => ({ to: message.to, text: message.text }))),
    outcomes: outcomes.all(),
    books: runtime.books(),
  };
};

const itemsOf = async ({ topology, storage }: LocalRuntime): Promise<readonly StoredItem[]> => {
  const items: StoredItem[] = [];
  for (const processor of topology.processors) {
    if (processor.keyed === undefined) continue;
    for await (const item of storage.state.items(collectionOf(processor))) items.push(item);
  }
  return items;
};

const textOf = ({ state, ledger, timerMs }: StoredItem, labels: RawLabels): string => {
  const newest = new Map<string, string>();
  // Entries without a partition key are not of lanes: when a timer fired, and when records arrived.
  for (const [lane, position] of Object.entries(ledger).sort(([, one], [, other]) => (one < other ? -1 : 1))) {
    if (lane.includes('@') || lane === '#timer') newest.set(withoutShard(lane), labels.of(position));
  }
  const entries = Array.from(newest, ([lane, label]) => `${lane} ${label}`);
  return `${state ?? 'nothing'} after ${entries.sort().join(', ')}, timer ${String(timerMs ?? 'none')}`;
};

const watermarksOf = async (
  topology: Topology,
  { storage }: LocalRuntime,
  items: readonly StoredItem[],
): Promise<ReadonlyMap<string, string>> => {
  const watermarks = new Map<string, string>();
  for (const processor of topology.processors) {
    const { id, keyed } = processor;
    if (keyed?.timers?.whenIdle !== 'fire-all') continue;
    const own = items.filter(({ collection }) => collection === collectionOf(processor));
    const keys = [...new Set(own.map(({ partitionKey }) => partitionKey))];
    for (const { partitionKey, watermarkMs } of await storage.state.progress(id, keys)) {
      watermarks.set(`${id} ${partitionKey}`, String(watermarkMs));
    }
  }
  return watermarks;
};

const letterOf = (text: string, labels: RawLabels): [id: string, content: string] => {
  const letter: unknown = JSON.parse(text);
  const field = (name: string): string =>
    typeof letter === 'object' && letter !== null ? String(Reflect.get(letter, name)) : '';
  const id = `${field('processor')} ${withoutShard(field('lane'))} ${labels.of(field('position'))}`;
  return [id, [...['reason', 'error', 'stream', 'partitionKey'].map(field), payloadOf(field('payload'))].join(' ')];
};

/** Without its envelope, because that names the place of the raw record. */
const payloadOf = (base64: string): string => {
  const payload = Buffer.from(base64, 'base64').toString('utf8');
  return peeker('data')(payload)?.data ?? payload;
};

/** Each line of a message that is about an alert, and its recipient. */
const toldIn = (messages: readonly { readonly to: string; readonly text: string }[]): ReadonlyMap<string, number> => {
  const told = new Map<string, number>();
  for (const { to, text } of messages) {
    for (const line of text.split('\n')) {
      if (!line.includes('(rule ')) continue;
      const id = `${to}: ${line}`;
      told.set(id, (told.get(id) ?? 0) + 1);
    }
  }
  return told;
};
