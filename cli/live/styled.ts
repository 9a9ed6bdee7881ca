import { styleText } from 'node:util';

/** How a piece of text looks; `plain` is as the terminal has it. */
export type Look = 'plain' | 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** A piece of one line. */
export interface Piece {
  readonly text: string;
  readonly look: Look;
}

export const piece = (text: string, look: Look = 'plain'): Piece => ({ text, look });

/** Text from outside without what a terminal would obey or show two columns wide. */
export const tame = (text: string): string => text.replaceAll(/[^\u0020-\u007e\u00a1-\u02ff]/g, '?');

/** Puts pieces together to one line of at most `columns` characters; what is too long is cut. Every character takes one column. */
export const lineOf = (pieces: readonly Piece[], columns: number): string => {
  let left = columns;
  let line = '';
  for (const { text, look } of pieces) {
    const shown = text.slice(0, left);
    left -= shown.length;
    if (shown !== '') line += look === 'plain' ? shown : styleText(look, shown);
  }
  return line;
};
