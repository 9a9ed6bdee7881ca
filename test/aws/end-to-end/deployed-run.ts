import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { openTarget, type OpenTarget } from '../../../cli/aws/deployment.ts';
import { weather } from '../../../functions/weather/topology.ts';
import { dynamoStore } from '../../../shared/state/dynamodb/dynamo-store.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import type { Stream } from '../../../shared/stream/stream.ts';
import { metricsReader, type FunctionMetrics } from './deployed-books.ts';
import { letterCount } from './dead-letter-keys.ts';
import { deployedValues } from './deployed-stream.ts';
import type { Mailbox } from '../support/mailbox.ts';
import { mailOf, streamsOf, sumOf, takenOf, type Outcome } from './outcome.ts';
import { until } from './until.ts';

/** The weather pipeline as it is deployed, looked at from outside. */
export interface DeployedRun extends OpenTarget {
  readonly state: StateStore;
  metrics(processor: string): Promise<FunctionMetrics>;
  /** Physical name of a stream. */
  streamName(stream: string): string;
  values<Value>(stream: Stream<Value>): Promise<readonly Value[]>;
  /**
   * Waits until every processor has taken as many records as it has in `expected`, and as many lines have been mailed; then looks
   * at everything. Rejects where nothing moves for a minute and a half.
   */
  settled(expected: Outcome, mailbox: Mailbox): Promise<Outcome>;
}

const { processors, tables } = weather();

const STILL_MS = 90_000;
const FORGET_AFTER_MS = 86_400_000;

/** Opens what was deployed to the local endpoint in a stage. */
export const deployedRun = async (stage: string): Promise<DeployedRun> => {
  const open = await openTarget({ topology: 'weather', target: 'local', stage });
  const { clients, deployment } = open;
  const readMetrics = metricsReader();
  const state = dynamoStore({
    client: clients.dynamodb(),
    stateTable: deployment.one('stateTable'),
    tables: Object.fromEntries(tables.map(({ name }) => [name, deployment.named('Table', name)])),
    forgetAfterMs: FORGET_AFTER_MS,
    nowMs: Date.now,
    deadlineMs: () => Date.now() + STILL_MS,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  const metrics = (processor: string): Promise<FunctionMetrics> => readMetrics(deployment.named('Function', processor));
  const streamName = (stream: string): string => deployment.named('Stream', stream);
  const values: DeployedRun['values'] = (stream) => deployedValues(clients.kinesis(), streamName(stream.name), stream);
  const booksNow = async (): Promise<Outcome['books']> => {
    const books: Record<string, Outcome['books'][string]> = {};
    for (const { id } of processors) books[id] = takenOf((await metrics(id)).books);
    return books;
  };
  // MiniStack gives a line of a log that came late to the next invocation: one that takes nothing brings it out.
  const lambda = new LambdaClient();
  const stir = (): Promise<unknown> =>
    Promise.all(
      processors.map(({ id }) =>
        lambda.send(
          new InvokeCommand({ FunctionName: deployment.named('Function', id), Payload: Buffer.from('{"Records":[]}') }),
        ),
      ),
    );
  return {
    ...open,
    state,
    metrics,
    streamName,
    values,
    settled: async (expected, mailbox) => {
      const books = await until(
        'taken',
        STILL_MS,
        async () => {
          const now = await booksNow();
          const counts = Object.entries(expected.books).map(([id, wanted]) => ({
            id,
            taken: sumOf(now[id] ?? NOTHING),
            wanted: sumOf(wanted),
          }));
          return counts.every(({ taken, wanted }) => taken >= wanted)
            ? { kind: 'done', value: now }
            : {
                kind: 'under way',
                progress: counts.map(({ id, taken, wanted }) => `${id} ${String(taken)}/${String(wanted)}`).join(', '),
              };
        },
        stir,
      );
      const mail = await until('mailed', STILL_MS, async () => {
        const now = mailOf(await mailbox.collect());
        const [mailed, wanted] = [linesIn(now), linesIn(expected.mail)];
        return mailed >= wanted
          ? { kind: 'done', value: now }
          : { kind: 'under way', progress: `${String(mailed)}/${String(wanted)} lines` };
      });
      const rowsOf = async (table: string): Promise<Record<string, unknown>> => {
        const rows: Record<string, unknown> = {};
        for await (const { key, state: text } of state.items(table)) {
          if (text !== undefined) rows[key] = JSON.parse(text);
        }
        return rows;
      };
      const byTable: Record<string, Record<string, unknown>> = {};
      for (const { name } of tables) byTable[name] = await rowsOf(name);
      return {
        tables: byTable,
        streams: await streamsOf(values),
        mail,
        deadLetters: await letterCount(clients.s3(), deployment.one('deadLetterBucket')),
        books,
      };
    },
  };
};

const NOTHING = { applied: 0, filtered: 0, late: 0, invalid: 0, deadLettered: 0 };

const linesIn = (mail: Outcome['mail']): number => Object.values(mail).flat().length;
