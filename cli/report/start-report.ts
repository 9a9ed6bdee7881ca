import { join } from 'node:path';
import { grouped } from './numbers.ts';
import { reportRun, type RunReport } from './run-report.ts';
import { print } from './say.ts';

/** Prints how a watched run ended, where to look, and what to try next. Returns the exit code of {@link reportRun}. */
export const reportStart = (report: RunReport): number => {
  const exitCode = reportRun(report);
  const { books, out } = report;
  const counted = (id: string, column: 'applied' | 'emitted' | 'invalid' | 'late'): string =>
    grouped(books.processors[id]?.[column] ?? 0);
  const rows = [
    [counted('weather/enrich', 'applied'), 'observations', join('streams', 'weather-observations.jsonl')],
    [counted('weather/notify', 'applied'), 'alerts', join('streams', 'weather-alerts.jsonl')],
    [counted('weather/notify', 'emitted'), 'e-mails', 'outbox'],
    [refused(report), 'refused', join('streams', 'weather-errors.jsonl')],
    [counted('weather/assemble', 'late'), 'late lines', join('streams', 'weather-late.jsonl')],
    ['', 'daily extremes', join('tables', 'weather-daily.jsonl')],
    ['', 'the books', 'books.json'],
  ] as const;
  const widest = Math.max(...rows.map(([count]) => count.length));
  const looks = rows.map(([count, what, file]) => `  ${count.padStart(widest)}  ${what.padEnd(15)} ${join(out, file)}`);
  print(`\nWhere to look:\n${looks.join('\n')}\n\n${NEXT}\n`);
  return exitCode;
};

const NEXT = `What to try next:
  npm start -- --seed 7 --speed max               other weather, flat out
  npx millrace topology weather --format mermaid  the picture of this pipeline
  npx millrace run --help                         the same on files from NOAA`;

const refused = ({ books }: RunReport): string =>
  grouped(Object.values(books.processors).reduce((sum, { invalid }) => sum + invalid, 0));
