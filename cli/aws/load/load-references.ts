import { checkTogether } from '../../../shared/pipeline/open-pipeline.ts';
import { loadReferences, type GivenFiles, type References } from '../../../shared/pipeline/reference.ts';
import { servingTable, type ServedRow } from '../../../shared/state/dynamodb/serving-table.ts';
import { print, say } from '../../report/terminal.ts';
import { openProgress } from '../../report/progress.ts';
import { listenForInterrupt, type Interrupt } from '../../run/interrupt.ts';
import { grouped } from '../../text/numbers.ts';
import { openTarget, type OpenTarget, type PipelineChoice } from '../deployment.ts';
import { loadTable } from './load-table.ts';

export interface LoadOptions extends PipelineChoice {
  /** Which tables are loaded. */
  readonly references: References;
  readonly files: GivenFiles;
  readonly replace: boolean;
}

/** Loads reference data: all files are read before the first row is written. Returns the exit code. */
export const loadReferenceTables = async (options: LoadOptions): Promise<number> => {
  const { pipeline, target, stage, references, files, replace } = options;
  const { rows } = await loadReferences(references, files);
  if (!checkTogether(pipeline, rows) && pipeline.faultOfReferences !== undefined) {
    const absent = Object.entries(pipeline.references).filter(([name]) => !(name in references));
    const tables = absent.map(([, { table }]) => table.name).join(', ');
    say(`these rows are not checked against those of ${tables}; to have that done, name the files of all tables`);
  }
  const open = await openTarget({ topology: pipeline.name, target, stage });
  using interrupt = listenForInterrupt();
  for (const [name, { table }] of Object.entries(references)) {
    const served = Array.from(rows[name] ?? [], ([key, value]): ServedRow => ({ key, value }));
    const isLoaded = await load(open, table.name, served, replace, interrupt);
    if (!isLoaded) return interrupt.exitCode;
  }
  return 0;
};

const load = async (
  { clients, deployment }: OpenTarget,
  name: string,
  rows: readonly ServedRow[],
  replace: boolean,
  interrupt: Interrupt,
): Promise<boolean> => {
  const tableName = deployment.named('Table', name);
  const loaded = async (): ReturnType<typeof loadTable> => {
    using progress = openProgress({ total: rows.length, done: 0, nowMs: Date.now });
    return await loadTable({
      table: servingTable(clients.dynamodb(), tableName),
      tableName,
      rows,
      replace,
      interrupt,
      after: (written) => {
        progress.update(written, written);
      },
    });
  };
  const { written, removed, finished } = await loaded();
  if (!finished) {
    say(`stopped after row ${grouped(written)}; the same command loads all of them`);
    return false;
  }
  print(
    `${name}: ${grouped(written)} rows are in ${tableName}${replace ? `, ${grouped(removed)} that were not given are gone` : ''}\n`,
  );
  return true;
};
