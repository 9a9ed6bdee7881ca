import { join } from 'node:path';
import type { Highlight } from '../../shared/pipeline/description.ts';
import type { OpenPipeline } from '../../shared/pipeline/open-pipeline.ts';
import { unreadStreams } from '../../shared/processor/topology.ts';
import { messagesIn, type BooksReport } from '../run/books-report.ts';
import { BOOKS_FILE } from '../run/result-folder.ts';
import { grouped } from '../text/numbers.ts';
import { reportRun, type RunReport } from './run-report.ts';
import { print } from './terminal.ts';

/** Prints how a watched run ended, where to look, and what to try next. Returns the exit code of `reportRun`. */
export const reportStart = (open: OpenPipeline, report: RunReport): number => {
  const exitCode = reportRun(report);
  const highlights = open.pipeline.highlights ?? defaultHighlights(open);
  const rows = [
    ...highlights.map((one) => [countOf(one, open, report.books), one.what, fileOf(one)] as const),
    ['', 'the books', BOOKS_FILE] as const,
  ];
  const [counts, names] = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const looks = rows.map(
    ([count, what, file]) => `  ${count.padStart(counts ?? 0)}  ${what.padEnd(names ?? 0)}  ${join(report.out, file)}`,
  );
  const tries = triesOf(open);
  const widest = Math.max(...tries.map(([command]) => command.length));
  print(
    `\nWhere to look:\n${looks.join('\n')}\n\n` +
      `What to try next:\n${tries.map(([command, what]) => `  ${command.padEnd(widest)}  ${what}`).join('\n')}\n`,
  );
  return exitCode;
};

const defaultHighlights = ({ topology }: OpenPipeline): readonly Highlight[] =>
  [...unreadStreams(topology), ...topology.tables, ...topology.notifications].map((where) => ({
    what: where.kind,
    where,
  }));

/** Rows of a table are not counted. */
const countOf = ({ where }: Highlight, { topology }: OpenPipeline, { puts, processors }: BooksReport): string => {
  if (where.kind === 'table') return '';
  const count =
    where.kind === 'stream'
      ? (puts.get(where.name) ?? 0)
      : messagesIn(topology, new Map(Object.entries(processors)), where);
  return grouped(count);
};

const fileOf = ({ where }: Highlight): string => {
  if (where.kind === 'notification') return 'outbox';
  return join(where.kind === 'stream' ? 'streams' : 'tables', `${where.name}.jsonl`);
};

const triesOf = ({ pipeline }: OpenPipeline): readonly (readonly [command: string, what: string])[] => {
  const { name, demo } = pipeline;
  const again = demo?.tryNext;
  return [
    ...(again === undefined ? [] : [[`npx millrace start ${name} ${again.args}`, again.what] as const]),
    [`npx millrace topology ${name} --format mermaid`, 'the picture of this pipeline'],
    [`npx millrace run ${name} --help`, 'the same on your own files'],
  ];
};
