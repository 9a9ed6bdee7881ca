import { missing, type Books } from '../../../shared/engine/books.ts';
import type { Outcomes } from '../outcomes.ts';
import type { RunView } from './run-view.ts';

/** Columns that a step decides. A record that cannot be decoded comes to none, and is dead-lettered all the same. */
const OUTCOMES = ['applied', 'filtered', 'late', 'invalid'] as const;

/** Books that do not have each record once, in the column that its step said, for people. */
export const booksUnlikeSteps = (
  { books }: RunView,
  outcomes: Outcomes,
  concerns: (processor: string) => boolean,
): readonly string[] =>
  [...books]
    .filter(([processor]) => concerns(processor))
    .flatMap(([processor, columns]) =>
      OUTCOMES.filter((outcome) => columns[outcome] !== outcomes.count(processor, outcome)).map(
        (outcome) =>
          `books of ${processor} have ${String(columns[outcome])} ${outcome}, its steps said ${String(outcomes.count(processor, outcome))}`,
      ),
    );

/** Books of a run without faults: nothing comes twice, and nothing has to wait. */
export const booksWithFaults = ({ books }: RunView): readonly string[] =>
  [...books]
    .filter(([, columns]) => !isFaultless(columns))
    .map(([processor, columns]) => `books of ${processor} without faults are ${JSON.stringify(columns)}`);

const isFaultless = (columns: Books): boolean =>
  missing(columns) === 0 && columns.duplicate === 0 && columns.held === 0;
