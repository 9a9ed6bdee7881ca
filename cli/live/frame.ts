import { styleText } from 'node:util';
import type { Look, Piece } from '../../shared/pipeline/live-view.ts';
import { booksRows, type ProcessorRow } from '../report/books-table.ts';
import { toPlainText } from '../text/plain-text.ts';
import { grouped, spanText } from '../text/numbers.ts';

/** All that the live view shows. */
export interface Picture {
  readonly topology: string;
  /** What feeds it, in a few words. */
  readonly feed: string;
  /** How far the feed has come, in a few words: a day, a file. */
  readonly place: string;
  /** 0 to 1. */
  readonly share: number;
  /** Unknown at the beginning. */
  readonly leftMs: number | undefined;
  readonly records: number;
  readonly rate: number;
  readonly processors: readonly ProcessorRow[];
  /** E-mails and the like; undefined where the pipeline sends none. */
  readonly messages: number | undefined;
  readonly outbox: string;
  /** What the values below are. */
  readonly title: string;
  /** Newest first. */
  readonly newest: readonly (readonly Piece[])[];
  /** What the last line says. */
  readonly hint: string;
}

export interface FrameSize {
  readonly columns: number;
  readonly rows: number;
}

const BAR_CHARS = { least: 8, most: 40 } as const;
// A terminal that is full to its last column may begin a new line by itself.
const MARGIN = 1;

/** One picture of the live view, as lines that fit: none wider than the terminal, and never more than it has rows. */
export const frameOf = (view: Picture, { columns, rows }: FrameSize): readonly string[] => {
  const width = Math.max(1, columns - MARGIN);
  const line = (...pieces: readonly Piece[]): string => lineOf(pieces, width);
  const [heads = '', ...books] = booksRows(view.topology, view.processors, width);
  const above = [
    line(piece(`Millrace ${view.topology}`, 'bold'), piece(`  ${toPlainText(view.feed, 'columns')}`, 'dim')),
    line(...progressOf(view, width)),
    '',
    line(piece(heads, 'dim')),
    ...books.map((row) => line(piece(row))),
    '',
    line(piece(toPlainText(view.title, 'columns'), 'bold'), piece(`  ${mailText(view)}`, 'dim')),
  ];
  const below = ['', line(piece(view.hint, 'dim'))];
  const room = Math.max(0, rows - above.length - below.length);
  const values = view.newest.slice(0, room).map((pieces) => line(...fitting(pieces, width)));
  const shown = values.length === 0 && room > 0 ? [line(piece('none yet', 'dim'))] : values;
  const filler = Array.from({ length: room - shown.length }, () => '');
  return [...above, ...shown, ...filler, ...below].slice(0, rows);
};

const progressOf = ({ share, place, records, rate, leftMs }: Picture, width: number): readonly Piece[] => {
  const left = leftMs === undefined ? '' : `  ${spanText(leftMs)} left`;
  const facts = ` ${String(Math.floor(share * 100)).padStart(3)} %  ${place}  ${grouped(records)} lines  ${grouped(rate)}/s${left}`;
  const barChars = Math.max(BAR_CHARS.least, Math.min(BAR_CHARS.most, width - facts.length));
  const full = Math.round(Math.min(1, share) * barChars);
  return [piece('█'.repeat(full), 'cyan'), piece('░'.repeat(barChars - full), 'dim'), piece(facts)];
};

const mailText = ({ messages, outbox }: Picture): string =>
  messages === undefined
    ? ''
    : `${grouped(messages)} e-mail${messages === 1 ? '' : 's'} in ${toPlainText(outbox, 'columns')}`;

/** The pieces without those that have no room, and with nothing in them that a terminal would obey. */
const fitting = (pieces: readonly Piece[], width: number): readonly Piece[] => {
  let left = width;
  return pieces
    .map((one) => ({ ...one, text: toPlainText(one.text, 'columns') }))
    .filter(({ text, ifRoom = false }) => {
      const fits = !ifRoom || text.length <= left;
      if (fits) left -= text.length;
      return fits;
    });
};

const piece = (text: string, look: Look = 'plain'): Piece => ({ text, look });

/** Puts pieces together to one line of at most `columns` characters; what is too long is cut. Every character takes one column. */
const lineOf = (pieces: readonly Piece[], columns: number): string => {
  let left = columns;
  let line = '';
  for (const { text, look = 'plain' } of pieces) {
    const shown = text.slice(0, left);
    left -= shown.length;
    if (shown !== '') line += look === 'plain' ? shown : styleText(look, shown);
  }
  return line;
};
