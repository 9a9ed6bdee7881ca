import { missing, type Books } from '../../shared/engine/books.ts';
import type { Notification } from '../../shared/processor/notification.ts';
import type { Topology } from '../../shared/processor/topology.ts';
import type { LocalRuntime } from '../../shared/runtime/local/local-runtime.ts';
import type { InputTotals } from '../../shared/source/source.ts';

/** The books of a run. Nothing in it depends on time or place. */
export interface BooksReport {
  readonly topology: string;
  /** What came in, as `input.json` has it. */
  readonly input: InputTotals;
  /** By processor id, in the order data flows, as `books.json` has them. */
  readonly processors: Readonly<Record<string, Books>>;
  /** Records put into each stream. */
  readonly puts: ReadonlyMap<string, number>;
  /** Whether every record is accounted for, in exactly one column, and none waits. */
  readonly balanced: boolean;
  /** One sentence for each reason why not. */
  readonly problems: readonly string[];
}

/** Draws the books up and says in words where they do not balance. */
export const booksReport = (
  runtime: Pick<LocalRuntime, 'topology' | 'books' | 'lag' | 'puts' | 'givenUp'>,
  input: InputTotals,
): BooksReport => {
  const { topology } = runtime;
  const books = runtime.books();
  const lag = runtime.lag();
  const processors = Object.fromEntries(
    topology.processors.flatMap(({ id }) => {
      const own = books.get(id);
      return own === undefined ? [] : [[id, own] as const];
    }),
  );
  const puts = runtime.puts();
  const givenUp = runtime.givenUp();
  const problems = topology.processors.flatMap(({ id, from }) => {
    // With one source, what its reader says it gave is an independent witness of what was put.
    const isOnlySource = topology.sources.length === 1 && topology.sources.includes(from);
    const entered = isOnlySource ? input.records : (puts.get(from.name) ?? 0);
    return problemsOf(id, processors[id], lag.get(id) ?? 0, entered, givenUp.get(id) ?? 0);
  });
  return { topology: topology.name, input, processors, puts, balanced: problems.length === 0, problems };
};

const problemsOf = (
  id: string,
  books: Books | undefined,
  waiting: number,
  entered: number,
  givenUp: number,
): readonly string[] => {
  if (books === undefined) return [`${id} has no books`];
  const off = missing(books);
  const problems: string[] = [];
  if (off > 0) problems.push(`${id} lost ${records(off)}: they came in and are in no column`);
  if (off < 0) problems.push(`${id} has ${records(-off)} too many: some are in two columns`);
  if (waiting > 0) problems.push(`${id} still has ${records(waiting)} to take: it holds their partition key`);
  if (givenUp > 0) problems.push(`${id} held ${records(givenUp)} until the retries were used up: see the dead letters`);
  // A record may be delivered more than once, never less; what is given up may have been many records in one.
  const short = entered - (books.in - books.held) - waiting;
  if (short > 0 && givenUp === 0)
    problems.push(`${id} never got ${records(short)} of the ${String(entered)} that entered`);
  return problems;
};

const records = (count: number): string => `${String(count)} record${count === 1 ? '' : 's'}`;

/** E-mails and the like: what went to notifications, or to one of them, which are not streams. */
export const messagesIn = (
  { processors }: Topology,
  books: ReadonlyMap<string, Books>,
  to?: Notification<unknown>,
): number =>
  processors
    .filter((one) =>
      Object.values(one.to).some((output) => output.kind === 'notification' && (to ?? output) === output),
    )
    .reduce((sum, { id }) => sum + (books.get(id)?.emitted ?? 0), 0);
