import { styleText } from 'node:util';
import type { Alert } from '../../functions/weather/streams.ts';
import { booksRows, type ProcessorRow } from '../report/books-table.ts';
import { toPlainText } from '../text/plain-text.ts';
import { grouped, spanText } from '../text/numbers.ts';

/** All that the live view shows. */
export interface LiveView {
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
  readonly messages: number;
  readonly outbox: string;
  /** Newest first. */
  readonly alerts: readonly Alert[];
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
export const frameOf = (view: LiveView, { columns, rows }: FrameSize): readonly string[] => {
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
    line(piece('newest alerts', 'bold'), piece(`  ${mailText(view)}`, 'dim')),
  ];
  const below = ['', line(piece(view.hint, 'dim'))];
  const room = Math.max(0, rows - above.length - below.length);
  const alerts = view.alerts.slice(0, room).map((alert) => line(...alertPieces(alert, width)));
  const shown = alerts.length === 0 && room > 0 ? [line(piece('none yet', 'dim'))] : alerts;
  const filler = Array.from({ length: room - shown.length }, () => '');
  return [...above, ...shown, ...filler, ...below].slice(0, rows);
};

const progressOf = ({ share, place, records, rate, leftMs }: LiveView, width: number): readonly Piece[] => {
  const left = leftMs === undefined ? '' : `  ${spanText(leftMs)} left`;
  const facts = ` ${String(Math.floor(share * 100)).padStart(3)} %  ${place}  ${grouped(records)} lines  ${grouped(rate)}/s${left}`;
  const barChars = Math.max(BAR_CHARS.least, Math.min(BAR_CHARS.most, width - facts.length));
  const full = Math.round(Math.min(1, share) * barChars);
  return [piece('█'.repeat(full), 'cyan'), piece('░'.repeat(barChars - full), 'dim'), piece(facts)];
};

const mailText = ({ messages, outbox }: LiveView): string =>
  `${grouped(messages)} e-mail${messages === 1 ? '' : 's'} in ${toPlainText(outbox, 'columns')}`;

const ALERT_LOOKS: Readonly<Record<Alert['kind'], Look>> = {
  alert: 'red',
  reminder: 'yellow',
  resolved: 'green',
  withdrawn: 'dim',
};

const alertPieces = (alert: Alert, width: number): readonly Piece[] => {
  const { date, kind, location, station_id, element, value, threshold, rule } = alert;
  const pieces = [
    piece(`${date}  `),
    piece(kind.padEnd(8), ALERT_LOOKS[kind]),
    piece(
      `  ${toPlainText(location, 'columns').padEnd(5)}  ${toPlainText(station_id, 'columns')}  ${element} ${String(value).padStart(6)}  ${toPlainText(rule, 'columns')}`,
    ),
  ];
  const limit = `  limit ${String(threshold)}`;
  const used = pieces.reduce((sum, { text }) => sum + text.length, 0);
  return used + limit.length <= width ? [...pieces, piece(limit, 'dim')] : pieces;
};

/** How a piece of text looks; `plain` is as the terminal has it. */
type Look = 'plain' | 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** A piece of one line. */
interface Piece {
  readonly text: string;
  readonly look: Look;
}

const piece = (text: string, look: Look = 'plain'): Piece => ({ text, look });

/** Puts pieces together to one line of at most `columns` characters; what is too long is cut. Every character takes one column. */
const lineOf = (pieces: readonly Piece[], columns: number): string => {
  let left = columns;
  let line = '';
  for (const { text, look } of pieces) {
    const shown = text.slice(0, left);
    left -= shown.length;
    if (shown !== '') line += look === 'plain' ? shown : styleText(look, shown);
  }
  return line;
};
