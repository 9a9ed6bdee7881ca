import type { Processor } from '../../../shared/processor/processor.ts';
import type { Topology } from '../../../shared/processor/topology.ts';
import { dynamoStore } from '../../../shared/state/dynamodb/dynamo-store.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { CommandError } from '../../errors/command-error.ts';
import type { PipelineChoice } from '../deployment.ts';
import { openTarget, topologyOf, type OpenTarget } from '../deployment.ts';
import { retryUntil } from '../calls.ts';
import { letterStore, type LetterStore } from './letter-store.ts';

/** A deployed topology with its dead letters and the state that knows about them. */
export interface OpenLetters extends OpenTarget {
  readonly topology: Topology;
  readonly store: LetterStore;
}

/** Opens the dead letters of a deployment. */
export const openLetters = async ({ pipeline, ...choice }: PipelineChoice): Promise<OpenLetters> => {
  const topology = topologyOf(pipeline);
  const { clients, deployment } = await openTarget({ topology: topology.name, ...choice });
  const store = letterStore({
    client: clients.s3(),
    bucket: deployment.one('deadLetterBucket'),
    mappingOf: (processor) => deployment.named('Mapping', processor),
  });
  return { clients, deployment, topology, store };
};

const ASK_MS = 60_000;

/** The state of a deployed topology, to be read. */
export const stateOf = ({ clients, deployment, topology }: Omit<OpenLetters, 'store'>): StateStore =>
  dynamoStore({
    ...retryUntil(ASK_MS),
    client: clients.dynamodb(),
    stateTable: deployment.one('stateTable'),
    tables: Object.fromEntries(topology.tables.map(({ name }) => [name, deployment.named('Table', name)])),
    forgetAfterMs: Infinity,
  });

/** The processors asked for: one, or all. Throws a `CommandError` for an unknown one. */
export const chosenProcessors = ({ processors }: Topology, id: string | undefined): readonly Processor[] => {
  if (id === undefined) return processors;
  const found = processors.filter((one) => one.id === id);
  if (found.length > 0) return found;
  throw new CommandError(`no processor '${id}'; processors are ${processors.map((one) => one.id).join(', ')}`);
};
