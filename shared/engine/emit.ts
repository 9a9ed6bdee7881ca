import { recordlessLetter, stepFault, type Fault } from './batch.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { Cause } from './effects.ts';
import type { PartitionEffects } from './fold.ts';
import type { Delivery, DeliveryOutcome, NotificationDelivery, OutputPort } from './ports.ts';

/** What became of what one partition emits. */
export interface Emitted {
  /** Records and messages written. */
  readonly count: number;
  /** Why something was refused for now: nothing of the partition may be committed. */
  readonly held: string | undefined;
  /** Events whose output can never be written, by place: the partition must be folded again without them. */
  readonly faults: ReadonlyMap<number, Fault>;
}

interface Entry {
  readonly delivery: Delivery;
  readonly causes: readonly Cause[];
  /** Of whom it is a part; more than one where partitions have something for one recipient. */
  readonly owners: readonly MutableEmitted[];
}

interface MutableEmitted {
  count: number;
  held: string | undefined;
  readonly faults: Map<number, Fault>;
}

/** What a dead letter of a delivery needs to know of its processor. */
export interface Emitter {
  readonly id: string;
  readonly from: { readonly name: string };
}

/**
 * Emits what partitions of a batch have made, before anything of them is committed: streams first, then dead letters, then
 * messages to people, whose crash window is then the shortest. One result per partition, in order.
 */
export const emit = async (
  effects: readonly PartitionEffects[],
  outputs: OutputPort,
  processor: Emitter,
): Promise<readonly Emitted[]> => {
  const results = effects.map((): MutableEmitted => ({ count: 0, held: undefined, faults: new Map() }));
  const letters: OwnedLetter[] = [];

  const streams: Entry[] = [];
  for (const [index, { emitted }] of effects.entries()) {
    const owner = results[index];
    if (owner === undefined) continue;
    for (const { delivery, causes } of emitted) {
      if (delivery.kind === 'stream') streams.push({ delivery, causes, owners: [owner] });
    }
  }
  await deliver(streams, outputs, (entry, reason) => letters.push(...unsent(entry, reason, processor)));

  for (const [index, { deadLetters }] of effects.entries()) {
    const owner = results[index];
    if (owner === undefined || !isGood(owner)) continue;
    for (const letter of deadLetters) letters.push({ letter, owners: [owner] });
  }
  const notifications = mergedByRecipient(effects, results);
  const late: OwnedLetter[] = [];
  if (letters.length > 0) await deadLetter(letters, outputs);
  await deliver(notifications, outputs, (entry, reason) => late.push(...unsent(entry, reason, processor)));
  if (late.length > 0) await deadLetter(late, outputs);
  return results;
};

const isGood = ({ held, faults }: Emitted): boolean => held === undefined && faults.size === 0;

const deliver = async (
  entries: readonly Entry[],
  outputs: OutputPort,
  bury: (entry: Entry, reason: string) => void,
): Promise<void> => {
  const going = entries.filter(({ owners }) => owners.every(isGood));
  if (going.length === 0) return;
  const outcomes = await outputs.deliver(going.map(({ delivery }) => delivery));
  for (const [index, entry] of going.entries()) {
    const outcome: DeliveryOutcome = outcomes[index] ?? 'refused';
    const { delivery, causes, owners } = entry;
    if (outcome === 'delivered') {
      const [owner] = owners;
      if (owner !== undefined) owner.count += delivery.kind === 'stream' ? delivery.payloads.length : 1;
    } else if (outcome === 'refused') {
      for (const owner of owners) owner.held ??= `${nameOf(delivery)} did not take its records`;
    } else {
      const fault = stepFault(new Error(`${nameOf(delivery)} will never take it: ${outcome.failed}`));
      for (const cause of causes) if (cause.at >= 0) ownerOf(entry, cause)?.faults.set(cause.at, withoutStack(fault));
      if (causes.some(({ at }) => at < 0)) bury(entry, outcome.failed);
    }
  }
};

/** Which partition a cause belongs to. */
const ownerOf = ({ owners }: Entry, cause: Cause): MutableEmitted | undefined => owners[cause.owner ?? 0] ?? owners[0];

const withoutStack = ({ reason, error }: Fault): Fault => ({ reason, error });

const nameOf = (delivery: Delivery): string =>
  delivery.kind === 'stream' ? `stream '${delivery.stream}'` : `notification '${delivery.notification}'`;

/** The output of a timer that can never be written; no record is to blame. */
const unsent = ({ delivery, causes, owners }: Entry, reason: string, processor: Emitter): readonly OwnedLetter[] => {
  const error = `${nameOf(delivery)} will never take what a timer emitted: ${reason}`;
  return causes
    .filter(({ at }) => at < 0)
    .map((cause) => ({
      letter: recordlessLetter(processor, { reason: 'step-failed', error }, cause, JSON.stringify(delivery)),
      owners,
    }));
};

/** A dead letter, and the partitions that are held if it cannot be kept. */
interface OwnedLetter {
  readonly letter: DeadLetter;
  readonly owners: readonly MutableEmitted[];
}

const deadLetter = async (letters: readonly OwnedLetter[], outputs: OutputPort): Promise<void> => {
  const kept = await outputs.deadLetter(letters.map(({ letter }) => letter));
  for (const [index, { owners }] of letters.entries()) {
    if (kept[index] !== true) for (const owner of owners) owner.held ??= 'a dead letter of it could not be kept';
  }
};

/** One delivery per notification and recipient, whatever partitions its items come from. */
const mergedByRecipient = (
  effects: readonly PartitionEffects[],
  results: readonly MutableEmitted[],
): readonly Entry[] => {
  const merged = new Map<string, { delivery: NotificationDelivery; causes: Cause[]; owners: MutableEmitted[] }>();
  for (const [index, { emitted }] of effects.entries()) {
    const owner = results[index];
    if (owner === undefined) continue;
    for (const { delivery, causes } of emitted) {
      if (delivery.kind !== 'notification') continue;
      const id = `${delivery.notification} ${delivery.recipient}`;
      const known = merged.get(id);
      if (known === undefined) {
        merged.set(id, { delivery, causes: causes.map((cause) => ({ ...cause, owner: 0 })), owners: [owner] });
        continue;
      }
      known.delivery = { ...known.delivery, items: [...known.delivery.items, ...delivery.items] };
      known.causes.push(...causes.map((cause) => ({ ...cause, owner: known.owners.length })));
      known.owners.push(owner);
    }
  }
  return [...merged.values()];
};
