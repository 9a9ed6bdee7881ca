import { alerts, lateLines, observations, weatherErrors } from '../../../functions/weather/streams.ts';
import type { Books } from '../../../shared/engine/books.ts';
import type { Stream } from '../../../shared/stream/stream.ts';

/** What has come of an input, in a form in which two runs of it can be compared. */
export interface Outcome {
  /** Rows of each table that processors fill, by key. */
  readonly tables: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Values of each stream that people read, repeats dropped. */
  readonly streams: Readonly<Record<string, StreamContent>>;
  /** Lines about alerts that each recipient was sent, in some order, each once: how many messages hold them is chance. */
  readonly mail: Readonly<Record<string, readonly string[]>>;
  readonly deadLetters: number;
  /** Of each processor, what was taken, without what came again. */
  readonly books: Readonly<Record<string, Taken>>;
}

/** Books without the columns that tell of deliveries; they are the same however often something is delivered. */
export type Taken = Pick<Books, 'applied' | 'filtered' | 'late' | 'invalid' | 'deadLettered'>;

/** JSON of values in their order by location; of a stream that several processors write, in order of the text. */
type StreamContent = Readonly<Record<string, readonly string[]>>;

/** Reads the values of a stream, repeats dropped. */
export type ReadStream = <Value>(stream: Stream<Value>) => Promise<readonly Value[]>;

export const streamsOf = async (read: ReadStream): Promise<Outcome['streams']> => ({
  [observations.name]: contentOf(await read(observations), 'one writer'),
  [alerts.name]: contentOf(await read(alerts), 'one writer'),
  [lateLines.name]: contentOf(await read(lateLines), 'one writer'),
  [weatherErrors.name]: contentOf(await read(weatherErrors), 'several writers'),
});

const contentOf = (
  values: readonly { readonly location: string }[],
  writers: 'one writer' | 'several writers',
): StreamContent => {
  const content: Record<string, string[]> = {};
  for (const value of values) (content[value.location] ??= []).push(JSON.stringify(value));
  if (writers === 'several writers') for (const texts of Object.values(content)) texts.sort();
  return content;
};

export const takenOf = ({ applied, filtered, late, invalid, deadLettered }: Books): Taken => ({
  applied,
  filtered,
  late,
  invalid,
  deadLettered,
});

/** Deliveries that ended in a column of {@link Taken}. */
export const sumOf = ({ applied, filtered, late, invalid, deadLettered }: Taken): number =>
  applied + filtered + late + invalid + deadLettered;

/** The lines about alerts in the text of a message: those above the blank line. */
const alertLines = (text: string): readonly string[] => (text.split('\n\n', 1)[0] ?? '').split('\n');

/** Lines by recipient as an {@link Outcome} has them. */
export const mailOf = (messages: readonly { readonly to: string; readonly text: string }[]): Outcome['mail'] => {
  const lines = new Map<string, Set<string>>();
  for (const { to, text } of messages) {
    const known = lines.get(to) ?? new Set();
    for (const line of alertLines(text)) known.add(line);
    lines.set(to, known);
  }
  return Object.fromEntries([...lines].sort().map(([to, known]) => [to, [...known].sort()]));
};
