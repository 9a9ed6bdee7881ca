import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Processor } from '../../../shared/processor/processor.ts';
import type { Topology } from '../../../shared/processor/topology.ts';
import type { FunctionEnvironment } from '../../../shared/runtime/lambda/environment.ts';
import type { ReferenceRows } from '../../../shared/runtime/local/reference-tables.ts';
import { dynamoStore } from '../../../shared/state/dynamodb/dynamo-store.ts';
import { servingTable } from '../../../shared/state/dynamodb/serving-table.ts';
import { ROW_TABLE, STATE_TABLE } from '../../../shared/state/dynamodb/table-layout.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import type { ObservedMessage } from '../../../shared/testing/output-port-rule.ts';
import { outputPlaces } from '../support/output-places.ts';
import { deleteTables, dynamoClient, madeTable, halfMinute } from '../state/made-table.ts';

/** All that the functions of a topology touch, made anew at an endpoint. */
export interface EmulatedTopology {
  readonly kinesis: KinesisClient;
  /** Physical names, by stream of the topology. */
  readonly streams: Readonly<Record<string, string>>;
  environmentOf(processor: Processor): FunctionEnvironment;
  /** To look into state and tables with. */
  state(): StateStore;
  /** JSON of all dead letters. */
  letters(): Promise<readonly string[]>;
  messages(): Promise<readonly ObservedMessage[]>;
  close(): Promise<void>;
}

const FOREVER_MS = 1e12;

/** Makes streams, tables with their reference rows, a topic with a queue, and a bucket, under new names. */
export const emulatedTopology = async (topology: Topology, reference: ReferenceRows): Promise<EmulatedTopology> => {
  const dynamodb = dynamoClient();
  const made = async (names: readonly string[], make: (name: string) => Promise<string>) =>
    Object.fromEntries(await Promise.all(names.map(async (one): Promise<[string, string]> => [one, await make(one)])));
  const makeReference = async (table: string): Promise<string> => {
    const physical = await madeTable(dynamodb, ROW_TABLE);
    const rows = [...(reference[table] ?? [])].map(([key, value]) => ({ key, value }));
    await servingTable(dynamodb, physical).put(rows);
    return physical;
  };
  const written = topology.streams.filter((stream) => !topology.sources.includes(stream));
  const [places, stateTable, tables, references] = await Promise.all([
    outputPlaces(namesOf(written)),
    madeTable(dynamodb, STATE_TABLE),
    made(namesOf(topology.tables), () => madeTable(dynamodb, ROW_TABLE)),
    made(namesOf(topology.references), makeReference),
  ]);
  const { name, kinesis, streams, topicArn, letters, messages } = places;
  const topics = Object.fromEntries(topology.notifications.map((one) => [one.name, topicArn]));

  return {
    kinesis,
    streams,
    environmentOf: (processor) => ({
      processor: processor.id,
      deployment: name,
      inputIsForeign: topology.sources.includes(processor.from),
      streams,
      stateTable,
      tables,
      references,
      topics,
      deadLetterBucket: name,
      concurrency: 1,
    }),
    state: () => dynamoStore({ client: dynamodb, stateTable, tables, forgetAfterMs: FOREVER_MS, ...halfMinute() }),
    letters,
    messages,
    close: async () => {
      await places.close();
      await deleteTables(dynamodb, [stateTable, ...Object.values(tables), ...Object.values(references)]);
      dynamodb.destroy();
    },
  };
};

const namesOf = (named: readonly { readonly name: string }[]): readonly string[] => named.map(({ name }) => name);
