import type { Processor } from '../processor/processor.ts';
import { letterOf } from './batch.ts';
import type { Committed, KeyedState } from './keyed-state.ts';
import { tooLarge } from './limits.ts';
import type { PartitionRun } from './partition-run.ts';
import type { OutputPort } from './ports.ts';
import type { Draft } from './item.ts';

/** A partition whose effects were delivered, and the items it changed. */
export interface Deliverable {
  readonly run: PartitionRun;
  readonly drafts: readonly Draft[];
}

/** Keys of a partition that another writer changed: they must be folded again. */
export interface LostKeys {
  readonly run: PartitionRun;
  readonly keys: readonly string[];
}

/** The largest item that a batch wrote. */
export interface LargestItem {
  readonly bytes: number;
  readonly key: string | undefined;
}

/** What committing a round came to. */
export interface CommitResult {
  readonly lost: readonly LostKeys[];
  readonly largest: LargestItem;
}

interface CommitContext {
  readonly state: KeyedState;
  readonly processor: Processor;
  readonly outputs: OutputPort;
}

/**
 * Writes each changed key of the partitions with one conditional write. What is throttled is held; what the store will never
 * take becomes dead letters, so that it costs no other record its place.
 */
export const commit = async (context: CommitContext, partitions: readonly Deliverable[]): Promise<CommitResult> => {
  const { state, processor } = context;
  const hasTimers = processor.keyed?.timers !== undefined;
  const owners = partitions.flatMap(({ run, drafts }) => drafts.map(() => run));
  const committed = await state.commit(partitions.flatMap(({ drafts }) => drafts));
  const lost = new Map<PartitionRun, string[]>();
  const refused: { readonly run: PartitionRun; readonly one: Committed }[] = [];
  let largest: LargestItem = NOTHING_WRITTEN;
  for (const [index, one] of committed.entries()) {
    const run = owners[index];
    if (run === undefined) continue;
    const { key } = one.draft.item;
    if (one.item !== undefined) {
      run.markWritten(one.item);
      if (one.bytes > largest.bytes) largest = { bytes: one.bytes, key };
    } else if (one.outcome === 'conflict') lost.set(run, [...(lost.get(run) ?? []), key]);
    else if (one.outcome === 'throttled') run.holdKeys([key], `the state store throttles key '${key}'`, hasTimers);
    else refused.push({ run, one });
  }
  if (refused.length > 0) await bury(context, refused);
  return { lost: Array.from(lost, ([run, keys]) => ({ run, keys })), largest };
};

export const NOTHING_WRITTEN: LargestItem = { bytes: 0, key: undefined };

/** Makes dead letters of the events of keys whose items the store will never take. */
const bury = async (
  { processor, outputs }: CommitContext,
  refused: readonly { readonly run: PartitionRun; readonly one: Committed }[],
): Promise<void> => {
  const letters = refused.flatMap(({ run, one: { draft, outcome, bytes } }) => {
    const { key } = draft.item;
    const error =
      outcome === 'too-large'
        ? tooLarge(processor.id, key, draft.text(), bytes)
        : `the state store will never take the item of key '${key}'`;
    return run
      .refuse(key)
      .map((event) => ({ run, letter: letterOf(processor, event, { reason: 'step-failed', error }) }));
  });
  if (letters.length === 0) return;
  const kept = await outputs.deadLetter(letters.map(({ letter }) => letter));
  for (const [index, { run }] of letters.entries()) {
    if (kept[index] !== true) run.hold('a dead letter of it could not be kept');
  }
};
