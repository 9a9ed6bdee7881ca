import type { EventSourceMappingOptions } from '../../../shared/runtime/local/mapping/mapping-options.ts';
import type { ConditionalWrite } from '../../../shared/state/state-store.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** What costs records their place, or makes two attempts at one record differ. Only a run that is not compared meets it. */
export interface Hardships {
  /** How mappings give up. */
  readonly limits: Pick<EventSourceMappingOptions, 'maximumRetryAttempts' | 'maximumRecordAgeInSeconds'>;
  /** How likely the document of what was given up is not taken. */
  readonly documentRefused: number;
  /** How likely a table is edited in a turn. */
  readonly edit: number;
  readonly redeploy: number;
  /** Hours in which nothing comes, once all that came is done. */
  readonly silence: number;
  /** The item that the store takes no write of any more: its collection, and what its key begins with. */
  readonly full: readonly [collection: string, key: string] | undefined;
}

export const hardshipsOf = (chance: SeededRandom): Hardships => ({
  limits: {
    maximumRetryAttempts: chance.pick([-1, -1, 0, 1, 3]),
    ...(chance.yes(0.3) && { maximumRecordAgeInSeconds: chance.pick([60, 120, 600]) }),
  },
  documentRefused: chance.pick([0, 0, 0.3]),
  edit: chance.pick([0, 0.1, 0.3]),
  redeploy: chance.pick([0, 0.05, 0.2]),
  silence: chance.pick([0, 0.2]),
  full: chance.yes(0.2)
    ? chance.pick([
        ['post/pair', 'bonn/'],
        ['post-depots', 'east'],
        ['post-network', 'all'],
        ['post/reader', 'a'],
        ['post/hours', 'east'],
      ] as const)
    : undefined,
});

/** Whether a write is of the item that is full. */
export const isFull = ({ full }: Hardships, { collection, key }: ConditionalWrite): boolean =>
  full?.[0] === collection && key.startsWith(full[1]);
