import type { EmissionUnit, EnginePorts } from '../engine/ports.ts';
import type { ConditionalWrite, LaneProgress, WriteOutcome } from '../state/state-store.ts';

/** The calls by which an engine touches the world, in the order of the batch protocol. */
export type IoPoint = 'tables' | 'progress' | 'advance' | 'load' | 'due' | 'put' | 'keep' | 'notify' | 'write';

/**
 * What happens to one call. `share` (0 to 1) is how much of what the call carries still happens, from its front:
 * 0 is "just before", 1 is "just after, and nobody heard".
 */
export type Fault =
  | { readonly kind: 'none' }
  /** The process dies. */
  | { readonly kind: 'crash'; readonly share: number }
  /** Throttled or partly failed: the rest is refused in the way the port says so. Calls that only read crash. */
  | { readonly kind: 'refuse'; readonly share: number }
  /** The process stands still, in front of the call, until the promise is settled: a zombie. */
  | { readonly kind: 'pause'; readonly until: Promise<void> };

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

  /** Runs a call that carries items: `run` takes those that happen, `refused` says what the others get. */
  const carrying = async <Item, Answer>(
    point: IoPoint,
    items: readonly Item[],
    run: (items: readonly Item[]) => Promise<readonly Answer[]>,
    refused: Answer,
  ): Promise<readonly Answer[]> => {
    const fault = decide(point);
    if (fault.kind === 'pause') await fault.until;
    if (fault.kind === 'none' || fault.kind === 'pause') return run(items);
    const happening = Math.round(items.length * fault.share);
    const answers = happening > 0 ? await run(items.slice(0, happening)) : [];
    if (fault.kind === 'crash') throw new Crash(point);
    return items.map((_, index) => answers[index] ?? refused);
  };
  const reading = async <Answer>(point: IoPoint, run: () => Promise<Answer>): Promise<Answer> => {
    const fault = decide(point);
    if (fault.kind === 'pause') await fault.until;
    if (fault.kind === 'crash' || fault.kind === 'refuse') throw new Crash(point);
    return run();
  };
  const putAll = async (units: readonly EmissionUnit[]): Promise<readonly boolean[]> => {
    const fault = decide('put');
    if (fault.kind === 'pause') await fault.until;
    if (fault.kind === 'none' || fault.kind === 'pause') return outputs.put(units);
    // Cuts through the payloads of a unit too: part of a unit is in the stream, and the unit counts as not written.
    let left = Math.round(units.reduce((sum, { payloads }) => sum + payloads.length, 0) * fault.share);
    const cut = units.map((unit) => {
      const payloads = unit.payloads.slice(0, left);
      left -= payloads.length;
      return { ...unit, payloads };
    });
    await outputs.put(cut.filter(({ payloads }) => payloads.length > 0));
    if (fault.kind === 'crash') throw new Crash('put');
    return units.map((unit, index) => cut[index]?.payloads.length === unit.payloads.length);
  };

  return {
    nowMs: ports.nowMs,
    tables: {
      rows: (table, keys) => reading('tables', () => tables.rows(table, keys)),
      all: (table) => reading('tables', () => tables.all(table)),
    },
    outputs: {
      put: putAll,
      keep: (letters) => carrying('keep', letters, (some) => outputs.keep(some), false),
      notify: (dispatches) => carrying('notify', dispatches, (some) => outputs.notify(some), false),
    },
    state: {
      load: (addresses) => reading('load', () => state.load(addresses)),
      due: (collection, lanes) => reading('due', () => state.due(collection, lanes)),
      progress: (collection, keys) => reading('progress', () => state.progress(collection, keys)),
      idle: (collection, activeAtMs) => reading('due', () => state.idle(collection, activeAtMs)),
      write: (writes) =>
        carrying<ConditionalWrite, WriteOutcome>('write', writes, (some) => state.write(some), 'throttled'),
      advance: (lanes) =>
        carrying<LaneProgress, WriteOutcome>('advance', lanes, (some) => state.advance(some), 'throttled'),
      items: (collection) => state.items(collection),
    },
  };
};
