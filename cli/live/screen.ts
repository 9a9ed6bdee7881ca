import type { FrameSize } from './frame.ts';

/** A terminal that is redrawn in place. */
export interface Screen extends Disposable {
  readonly size: FrameSize;
  draw(lines: readonly string[]): void;
}

const ESC = '\u001b[';
const OPEN = `${ESC}?1049h${ESC}?25l`;
const CLOSE = `${ESC}?25h${ESC}?1049l`;
const HOME = `${ESC}H`;
const CLEAR_LINE_END = `${ESC}K`;
const CLEAR_BELOW = `${ESC}J`;

/** Takes the terminal over, on a second screen; disposing, or the end of the process, gives the first one back as it was. */
export const openScreen = (): Screen => {
  const close = (): void => {
    process.stdout.write(CLOSE);
  };
  process.stdout.write(OPEN);
  process.once('exit', close);
  return {
    get size() {
      return { columns: process.stdout.columns, rows: process.stdout.rows };
    },
    // One write per picture, over the last one and never clearing it first: that does not flicker.
    draw: (lines) => {
      process.stdout.write(`${HOME}${lines.map((line) => line + CLEAR_LINE_END).join('\r\n')}${CLEAR_BELOW}`);
    },
    [Symbol.dispose]: () => {
      process.off('exit', close);
      close();
    },
  };
};
