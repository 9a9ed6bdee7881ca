import { grouped, spanText } from '../../text/numbers.ts';
import { toPlainText } from '../../text/plain-text.ts';
import {} from '../../report/terminal.ts';
import { print } from '../../report/terminal.ts';
import { textTable } from '../../report/terminal.ts';
import { openLetters } from '../dead-letters/open-letters.ts';
import type { PipelineChoice } from '../deployment.ts';
import { deploymentStatus } from './deployment-status.ts';
import type { DeploymentStatus, ProcessorStatus } from './deployment-status.ts';

const MAX_HELD_SHOWN = 5;

/** Shows how a deployment is. Returns the exit code: 1 where something needs attention. */
export const showStatus = async (choice: PipelineChoice, isJson: boolean): Promise<number> => {
  const status = await deploymentStatus(await openLetters(choice), Date.now());
  print(isJson ? `${JSON.stringify(status, undefined, 2)}\n` : statusText(status));
  return needsAttention(status) ? 1 : 0;
};

/** Whether an operator has to look. A mapping that is off measures nothing, so it raises no alarm. */
export const needsAttention = ({ processors, alarms = [] }: DeploymentStatus): boolean =>
  alarms.length > 0 ||
  processors.some(
    ({ mapping, held = [], deadLetters = 0 }) => mapping?.state === 'Disabled' || held.length > 0 || deadLetters > 0,
  );

/** A status as lines for a terminal: a processor a row, then what is held and why, alarms, and what is unknown. */
export const statusText = ({ stack, processors, alarms, problems }: DeploymentStatus): string => {
  const table = textTable([HEAD, ...processors.map(rowOf)], '  ', 'left');
  const held = processors.flatMap(({ id, held = [] }) => [
    ...held
      .slice(0, MAX_HELD_SHOWN)
      .map(({ partitionKey, because }) => `  ${id}  ${toPlainText(`${partitionKey}: ${because}`)}`),
    ...(held.length > MAX_HELD_SHOWN ? [`  ${id}  and ${grouped(held.length - MAX_HELD_SHOWN)} more`] : []),
  ]);
  const lines = [
    stack,
    '',
    ...table,
    ...(held.length > 0 ? ['', 'Held in the last 15 minutes', ...held] : []),
    '',
    alarms === undefined ? 'Alarms: unknown' : alarms.length === 0 ? 'No alarm is in ALARM.' : 'In ALARM',
    ...(alarms ?? []).map(({ name, about }) => `  ${name}: ${about}`),
    ...(problems.length > 0 ? ['', 'Unknown', ...problems.map((problem) => `  ${toPlainText(problem)}`)] : []),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
};

const HEAD = ['processor', 'mapping', 'last result', 'lag', 'held', 'watermark', 'dead letters'];
const UNKNOWN = 'unknown';

const rowOf = (status: ProcessorStatus): readonly string[] => {
  const { id, mapping, lagMs, held, deadLetters } = status;
  return [
    id,
    mapping?.state ?? UNKNOWN,
    toPlainText(mapping?.lastResult ?? UNKNOWN),
    lagMs === undefined ? UNKNOWN : spanText(lagMs),
    held === undefined ? UNKNOWN : held.length === 0 ? '-' : `${grouped(held.length)} keys`,
    watermarkText(status),
    deadLetters === undefined ? UNKNOWN : grouped(deadLetters),
  ];
};

const watermarkText = (status: ProcessorStatus): string => {
  if (!('watermarks' in status)) return '-';
  const { watermarks } = status;
  if (watermarks === undefined) return UNKNOWN;
  const { partitions, lowest } = watermarks;
  if (lowest === undefined) return `${grouped(partitions)} keys`;
  const time = new Date(lowest.watermarkMs).toISOString().replace('T00:00:00.000Z', '');
  return `${time} at ${toPlainText(lowest.partitionKey)}, of ${grouped(partitions)} keys`;
};
