import { parseAlertRules } from '../../../functions/weather/model/alert-rule-list.ts';
import { alertRules, stations } from '../../../functions/weather/tables.ts';
import { servingTable, type ServedRow } from '../../../shared/state/dynamodb/serving-table.ts';
import { listenForInterrupt } from '../../run/interrupt.ts';
import { readText } from '../../input/read-text.ts';
import { readStations, type StationListPaths } from '../../weather/weather-files.ts';
import { grouped } from '../../text/numbers.ts';
import { openProgress } from '../../report/progress.ts';
import { print, say } from '../../report/terminal.ts';
import type { DeploymentChoice } from '../deployment.ts';
import { openTarget } from '../deployment.ts';
import { loadTable } from './load-table.ts';

export interface LoadWeatherOptions extends Omit<DeploymentChoice, 'topology'> {
  readonly replace: boolean;
}

/** Loads the station list. Returns the exit code. */
export const loadStations = async (paths: StationListPaths, options: LoadWeatherOptions): Promise<number> => {
  const list = await readStations(paths);
  return load(
    stations.name,
    [...list].map(([key, value]) => ({ key, value })),
    options,
  );
};

/** Loads alert rules. Returns the exit code. */
export const loadRules = async (path: string, options: LoadWeatherOptions): Promise<number> => {
  const rules = parseAlertRules({ file: path, text: await readText(path) });
  return load(
    alertRules.name,
    rules.map((value) => ({ key: value.id, value })),
    options,
  );
};

const load = async (
  name: string,
  rows: readonly ServedRow[],
  { target, stage, replace }: LoadWeatherOptions,
): Promise<number> => {
  const { clients, deployment } = await openTarget({ topology: 'weather', target, stage });
  const tableName = deployment.named('Table', name);
  using interrupt = listenForInterrupt();
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
    return interrupt.exitCode;
  }
  print(
    `${name}: ${grouped(written)} rows are in ${tableName}${replace ? `, ${grouped(removed)} that were not given are gone` : ''}\n`,
  );
  return 0;
};
