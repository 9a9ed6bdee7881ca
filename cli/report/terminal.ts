import Table from 'cli-table3';

/** A line for the user while a command runs, on standard error, apart from the results. */
export const say = (text: string): void => {
  process.stderr.write(`millrace: ${text}\n`);
};

/** What the user asked for, on standard output. */
export const print = (text: string): void => {
  process.stdout.write(text);
};

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
} as const;

/** Lays rows of cells out as lines of text: the first column to the left, all else to the right as numbers are, `gap` between. */
export const textTable = (
  rows: readonly (readonly string[])[],
  gap: string,
  others: 'left' | 'right' = 'right',
): readonly string[] => {
  const table = new Table({
    colAligns: ['left', ...(rows[0] ?? []).slice(1).map(() => others)],
    chars: { ...NO_LINES, middle: gap },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) table.push([...row]);
  return table.toString().split('\n');
};

/** Columns the widest line takes. */
export const widthOf = (lines: readonly string[]): number => Math.max(0, ...lines.map(({ length }) => length));
