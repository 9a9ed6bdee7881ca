import { compareSequenceNumbers } from '../../../shared/stream/sequence-number.ts';
import { toPlainText } from '../../text/plain-text.ts';
import { grouped } from '../../text/numbers.ts';
import { print, say, textTable } from '../../report/terminal.ts';
import { listenForInterrupt } from '../../run/interrupt.ts';
import type { PipelineChoice } from '../deployment.ts';
import type { KeptLetter } from './letter-store.ts';
import { chosenProcessors, openLetters, stateOf } from './open-letters.ts';
import { putAgain } from './put-again.ts';
import type { Consent, RedriveDecision } from './redrive-decision.ts';
import { isToBePut, planRedrive, type PlannedRecord, type RedrivePlan } from './redrive-plan.ts';

export interface RedriveOptions extends PipelineChoice {
  /** Beginning of the letter's id; undefined for all letters. */
  readonly id: string | undefined;
  readonly processor: string | undefined;
  /** What the user agrees to; without it, records that need it are kept as they are. */
  readonly consents: ReadonlySet<Consent>;
  /** Does it; otherwise it only says what it would do. */
  readonly yes: boolean;
}

const MAX_LETTERS = 10_000;
const WORDS: Readonly<Record<RedriveDecision['kind'], string>> = {
  apply: 'apply',
  applied: 'applied already',
  superseded: 'superseded',
  'may-repeat': 'may repeat',
  impossible: 'impossible',
};

/** Says what redriving dead letters would come to, and with `yes` does it. Returns the exit code. */
export const redriveLetters = async (options: RedriveOptions): Promise<number> => {
  const { id, processor, consents, yes, ...choice } = options;
  const opened = await openLetters(choice);
  const { topology, store, clients, deployment } = opened;
  const processors = chosenProcessors(topology, processor);
  const kept =
    id === undefined ? (await store.list(processors, MAX_LETTERS)).letters : [await store.find(processors, id)];
  using interrupt = listenForInterrupt();
  const rows: string[][] = [];
  let sent = 0;
  let moved = 0;
  let ready = 0;
  const held: PlannedRecord[] = [];
  for (const one of inOrder(
    kept,
    topology.processors.map((each) => each.id),
  )) {
    if (interrupt.signal !== undefined) break;
    // Made anew for each letter, because letters may be many and its calls end a minute after it is made.
    const plan = await planRedrive(topology, stateOf(opened), one.letter, one.id, await store.wasBegun(one));
    rows.push(rowOf(one, plan));
    const again = plan.filter((record) => isToBePut(record, consents));
    ready += again.length;
    held.push(...plan.filter((record) => record.verdict.needs.length > 0 && !again.includes(record)));
    if (!yes) continue;
    if (again.length > 0) {
      // Only what has its origin from us can be put twice without harm.
      if (again.some((record) => record.again === undefined)) await store.begin(one);
      await putAgain(clients.kinesis(), deployment.named('Stream', one.letter.stream), again);
      sent += again.length;
    }
    // What is left of a letter that holds many records must not be forgotten.
    if (plan.some((record) => !again.includes(record) && record.verdict.kind !== 'applied')) continue;
    const owner = topology.processors.find((each) => each.id === one.letter.processor);
    if (owner === undefined) continue;
    await store.settle(one, owner, {
      redriven: new Date().toISOString(),
      to: one.letter.stream,
      verdicts: plan.map(({ partitionKey, verdict }) => ({ partitionKey, ...verdict })),
    });
    moved += 1;
  }
  report(rows);
  if (interrupt.signal !== undefined) {
    say('stopped; the same command goes on with the rest');
    return interrupt.exitCode;
  }
  print(
    yes
      ? `\n${counted(sent, 'record was', 'records were')} put again; ${counted(moved, 'letter is', 'letters are')} in redriven/ now.\n`
      : `\nNothing was done: --yes puts ${counted(ready, 'record', 'records')} again.\n`,
  );
  if (held.length > 0) print(`${heldText(held)}\n`);
  return 0;
};

const counted = (count: number, one: string, many: string): string => `${grouped(count)} ${count === 1 ? one : many}`;

const heldText = (held: readonly PlannedRecord[]): string =>
  [...Map.groupBy(held, ({ verdict }) => verdict.needs.map((need) => `--${need}`).join(' '))]
    .map(
      ([needs, some]) =>
        `${counted(some.length, 'record stays', 'records stay')} where ${some.length === 1 ? 'it is' : 'they are'} without ${needs}.`,
    )
    .join('\n');

/** As the records came: letters of one partition key in the order of their stream, those of earlier processors first. */
const inOrder = (kept: readonly KeptLetter[], processorIds: readonly string[]): readonly KeptLetter[] =>
  [...kept].sort(({ letter: one }, { letter: other }) => {
    const flow = processorIds.indexOf(one.processor) - processorIds.indexOf(other.processor);
    if (flow !== 0) return flow;
    if (one.partitionKey !== other.partitionKey) return one.partitionKey < other.partitionKey ? -1 : 1;
    const place = compareSequenceNumbers(one.sequenceNumber, other.sequenceNumber);
    return place === 0 ? Number(one.position > other.position) - Number(one.position < other.position) : place;
  });

const rowOf = ({ id, letter }: KeptLetter, plan: RedrivePlan): string[] => {
  const kinds = [...Map.groupBy(plan, ({ verdict }) => verdict.kind)];
  const [first] = plan;
  const what =
    plan.length === 1
      ? WORDS[first.verdict.kind]
      : kinds.map(([kind, some]) => `${String(some.length)} ${WORDS[kind]}`).join(', ');
  return [id, letter.processor, letter.partitionKey, what, kinds.length === 1 ? first.verdict.why : ''];
};

const report = (rows: readonly (readonly string[])[]): void => {
  if (rows.length === 0) {
    print('No dead letters.\n');
    return;
  }
  const cells = rows.map((row) => row.map((cell) => toPlainText(cell)));
  const lines = textTable([['id', 'processor', 'partition key', 'verdict', 'because'], ...cells], '  ', 'left');
  print(`${lines.map((line) => line.trimEnd()).join('\n')}\n`);
};
