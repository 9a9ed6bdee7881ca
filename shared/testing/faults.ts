import type { Delivery, DeliveryOutcome, EnginePorts } from '../engine/ports.ts';
import type { ConditionalWrite, PartitionProgress, WriteOutcome } from '../state/state-store.ts';

/** The calls by which an engine touches the world, in the order of the batch protocol. */
export type IoPoint = 'tables' | 'progress' | 'advance' | 'load' | 'due' | 'put' | 'dead-letter' | 'notify' | 'write';

/**
 * What happens to one call. `takes` says item by item which of those that the call carries still happen: none is "just before",
 * all is "just after, and the answer was lost". Part of a delivery of many records may happen.
 */
export type Fault =
  | { readonly kind: 'none' }
  /** The process dies. */
  | { readonly kind: 'crash'; readonly takes: Takes }
  /** Throttled or partly failed: the rest is refused in the way the port says so. Calls that only read crash. */
  | { readonly kind: 'refuse'; readonly takes: Takes }
  /** The process stands still, before the call, until the promise is settled: a zombie. */
  | { readonly kind: 'pause'; readonly until: Promise<void> };

/** Which of `count` items happen, by index. */
export type Takes = (index: number, count: number) => boolean;

/** The first items, up to a share from 0 to 1. */
export const firstShare =
  (share: number): Takes =>
  (index, count) =>
    index < Math.round(count * share);

/** What a process dies of here; an engine must not catch it. */
export class Crash extends Error {
  override readonly name = 'Crash';

  constructor(point: IoPoint) {
    super(`the process died at '${point}'`);
  }
}

/**
 * Ports that do what the given ports do, apart from the faults that `decide` asks for. It is asked once for each call, so a
 * plan that counts calls is a schedule that can be played again.
 */
export const faultyPorts = (ports: EnginePorts, decide: (point: IoPoint) => Fault): EnginePorts => {
  const { state, outputs, tables } = ports;

  /** Runs a call that carries items: `run` takes those that happen, `refused` is the answer for the others. */
  const carrying = async <Item, Answer>(
    point: IoPoint,
    items: readonly Item[],
    run: (items: readonly Item[]) => Promise<readonly Answer[]>,
    refused: Answer,
  ): Promise<readonly Answer[]> => {
    const fault = decide(point);
    if (fault.kind === 'pause') await fault.until;
    if (fault.kind === 'none' || fault.kind === 'pause') return run(items);
    const happening = items.filter((_, index) => fault.takes(index, items.length));
    const answers = happening.length > 0 ? [...(await run(happening))] : [];
    if (fault.kind === 'crash') throw new Crash(point);
    return items.map((_, index) => (fault.takes(index, items.length) ? (answers.shift() ?? refused) : refused));
  };
  const reading = async <Answer>(point: IoPoint, run: () => Promise<Answer>): Promise<Answer> => {
    const fault = decide(point);
    if (fault.kind === 'pause') await fault.until;
    if (fault.kind === 'crash' || fault.kind === 'refuse') throw new Crash(point);
    return run();
  };
  /** Cuts through the records of a delivery too: part of them is in the stream, and the delivery counts as refused. */
  const put = async (deliveries: readonly Delivery[]): Promise<readonly DeliveryOutcome[]> => {
    const fault = decide('put');
    if (fault.kind === 'pause') await fault.until;
    if (fault.kind === 'none' || fault.kind === 'pause') return outputs.deliver(deliveries);
    const count = deliveries.reduce((sum, one) => sum + (one.kind === 'stream' ? one.payloads.length : 1), 0);
    let index = 0;
    const cut = deliveries.map((delivery) => {
      if (delivery.kind !== 'stream') return { delivery, isWhole: fault.takes(index++, count) };
      // Order within a delivery is kept: what follows the first record that is refused does not happen either.
      const taken = delivery.payloads.map(() => fault.takes(index++, count));
      const end = taken.indexOf(false);
      const payloads = end < 0 ? delivery.payloads : delivery.payloads.slice(0, end);
      return { delivery: { ...delivery, payloads }, isWhole: end < 0 };
    });
    await outputs.deliver(
      cut.flatMap(({ delivery, isWhole }) =>
        isWhole || (delivery.kind === 'stream' && delivery.payloads.length > 0) ? [delivery] : [],
      ),
    );
    if (fault.kind === 'crash') throw new Crash('put');
    return cut.map(({ isWhole }) => (isWhole ? 'delivered' : 'refused'));
  };

  return {
    nowMs: ports.nowMs,
    tables: {
      rows: (table, keys) => reading('tables', () => tables.rows(table, keys)),
      all: (table) => reading('tables', () => tables.all(table)),
      ...(tables.formerRows !== undefined && { formerRows: tables.formerRows.bind(tables) }),
    },
    outputs: {
      deliver: (deliveries) =>
        deliveries.every(({ kind }) => kind === 'notification')
          ? carrying<Delivery, DeliveryOutcome>('notify', deliveries, (some) => outputs.deliver(some), 'refused')
          : put(deliveries),
      deadLetter: (letters) => carrying('dead-letter', letters, (some) => outputs.deadLetter(some), false),
    },
    state: {
      load: (addresses) => reading('load', () => state.load(addresses)),
      due: (collection, partitions) => reading('due', () => state.due(collection, partitions)),
      progress: (collection, keys) => reading('progress', () => state.progress(collection, keys)),
      idle: (collection, activeAtMs) => reading('due', () => state.idle(collection, activeAtMs)),
      write: (writes) =>
        carrying<ConditionalWrite, WriteOutcome>('write', writes, (some) => state.write(some), 'throttled'),
      advance: (progress) =>
        carrying<PartitionProgress, WriteOutcome>('advance', progress, (some) => state.advance(some), 'throttled'),
      items: (collection) => state.items(collection),
    },
  };
};
