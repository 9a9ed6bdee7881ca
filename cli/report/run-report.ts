import { BINARY } from '../../shared/source/file-feed.ts';
import type { DamagedInput } from '../../shared/source/source.ts';
import type { BooksReport } from '../run/books-report.ts';
import { booksTable } from './books-table.ts';
import { grouped, spanText } from '../text/numbers.ts';
import { print, say } from './terminal.ts';

export interface RunReport {
  readonly books: BooksReport;
  readonly out: string;
  /** Records that this process took in. */
  readonly records: number;
  readonly spentMs: number;
}

/** Prints how a run ended. Returns the exit code: 0 where every record is accounted for and all input could be read, else 1. */
export const reportRun = ({ books, out, records, spentMs }: RunReport): number => {
  const { topology, input, processors, balanced, problems } = books;
  const rate = grouped((records / Math.max(1, spentMs)) * 1000);
  print(
    `${topology}: ${grouped(input.lines)} lines, ${grouped(input.records)} records; ` +
      `${records === input.records ? '' : `${grouped(records)} of them now, `}in ${spanText(spentMs)} (${rate}/s)\n\n` +
      `${booksTable(processors, process.stdout.isTTY ? process.stdout.columns : Infinity).join('\n')}\n\n` +
      `${balanced ? 'The books balance.' : 'The books do not balance.'} Results: ${out}\n`,
  );
  for (const problem of problems) say(`the books do not balance: ${problem}`);
  for (const [id, { in: all, late }] of Object.entries(processors)) {
    if (late > all * MUCH_LATE) say(lateText(id, late, all));
  }
  for (const damage of input.damaged) say(damageText(damage));
  return balanced && input.damaged.length === 0 ? 0 : 1;
};

/** More than this share of late records is rarely meant. */
const MUCH_LATE = 0.05;

const lateText = (id: string, late: number, all: number): string =>
  `${id} found ${grouped(late)} of ${grouped(all)} records late: event time goes on with the newest record of a partition key; ` +
  'give inputs in the order of their dates, or raise the grace of its windows';

/** The message about a file that could be read up to some line only. */
export const damageText = ({ file, atLine, reason }: DamagedInput): string =>
  reason === BINARY
    ? `${JSON.stringify(file)} is ${BINARY} and no text: its lines are in the books as invalid; check that it is the right file`
    : `${JSON.stringify(file)} is damaged at line ${String(atLine)} (${reason}): the lines before it were processed, and unless the file is only cut off some of them may be wrong; get it again`;
