import { compareSequenceNumbers } from '../../../shared/stream/sequence-number.ts';
import { listenForInterrupt } from '../../run/interrupt.ts';
import { grouped } from '../../report/numbers.ts';
import { plainText } from '../../report/terminal.ts';
import { print, say } from '../../report/terminal.ts';
import { textTable } from '../../report/terminal.ts';
import type { DeploymentChoice } from '../deployment.ts';
import type { KeptLetter } from './letter-store.ts';
import { chosenProcessors, openLetters, stateOf } from './open-letters.ts';
import { putAgain } from './put-again.ts';
import { planRedrive, type RedrivePlan } from './redrive-plan.ts';
import type { Verdict } from './redrive-decision.ts';

export interface RedriveOptions extends Omit<DeploymentChoice, 'topology'> {
  /** Beginning of the letter's id; undefined for all letters. */
  readonly id: string | undefined;
  readonly processor: string | undefined;
  /** Also puts records again that would come behind later ones of their lane. */
  readonly superseded: boolean;
  /** Does it; otherwise it only says what it would do. */
  readonly yes: boolean;
}

const MAX_LETTERS = 10_000;
const WORDS: Readonly<Record<Verdict['kind'], string>> = {
  apply: 'apply',
  applied: 'applied already',
  superseded: 'superseded',
  impossible: 'impossible',
};

/** Says what redriving dead letters would come to, and with `yes` does it. Returns the exit code. */
export const redriveLetters = async (options: RedriveOptions): Promise<number> => {
  const { id, processor, superseded, yes, ...choice } = options;
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
  for (const one of inOrder(
    kept,
    topology.processors.map((each) => each.id),
  )) {
    if (interrupt.signal !== undefined) break;
    // Its patience ends a minute after it is made, and letters may be many.
    const plan = await planRedrive(topology, stateOf(opened), one.letter, one.id);
    rows.push(rowOf(one, plan));
    const again = plan.filter(({ verdict: { kind } }) => kind === 'apply' || (superseded && kind === 'superseded'));
    ready += again.length;
    if (!yes) continue;
    if (again.length > 0) {
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
      ? `\n${grouped(sent)} records were put again; ${grouped(moved)} letters are in redriven/ now.\n`
      : `\nNothing was done: --yes puts ${grouped(ready)} records again.\n`,
  );
  return 0;
};

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
    print('There are no dead letters.\n');
    return;
  }
  const cells = rows.map((row) => row.map(plainText));
  const lines = textTable([['id', 'processor', 'partition key', 'verdict', 'because'], ...cells], '  ', 'left');
  print(`${lines.map((line) => line.trimEnd()).join('\n')}\n`);
};
