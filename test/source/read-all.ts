import { type InputItem, readLines, type ReadLinesOptions } from '../../shared/source/read-lines.ts';

/** Everything a file gives: its lines in one list, and how it ended. */
export interface WholeInput {
  readonly lines: string[];
  readonly ending: Exclude<InputItem, { kind: 'lines' }>;
}

export const readAll = async (path: string, options?: ReadLinesOptions): Promise<WholeInput> => {
  const lines: string[] = [];
  for await (const item of readLines(path, options)) {
    if (item.kind !== 'lines') return { lines, ending: item };
    for (const line of item.lines) lines.push(line);
  }
  throw new Error('the file ended without saying how');
};
