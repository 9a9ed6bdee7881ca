import { FilterLogEventsCommand, type CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { parseJson } from '../../../shared/codec/json.ts';
import { fieldOf } from '../../../shared/runtime/field-of.ts';
import { LOG_EVENTS } from '../../../shared/runtime/lambda/batch-report.ts';
import type { HeldPartitionStatus } from './deployment-status.ts';

/** A stream that throttles holds thousands of partitions; the first few hundred lines say why. */
const MAX_LINES = 1000;

/** The partition keys that a function has logged as held since a time, the most recent first. */
export const heldPartitions = async (
  client: CloudWatchLogsClient,
  logGroupName: string,
  sinceMs: number,
): Promise<readonly HeldPartitionStatus[]> => {
  const partitions = new Map<string, HeldPartitionStatus>();
  let lines = 0;
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new FilterLogEventsCommand({
        logGroupName,
        startTime: sinceMs,
        filterPattern: `{ $.event = "${LOG_EVENTS.partitionHeld}" }`,
        ...(nextToken !== undefined && { nextToken }),
      }),
    );
    for (const { message = '', timestamp = 0 } of page.events ?? []) {
      const held = heldIn(message);
      if (held === undefined) continue;
      lines += 1;
      const { partitionKey, because } = held;
      const known = partitions.get(partitionKey);
      const isNewest = timestamp >= (known?.lastMs ?? 0);
      partitions.set(partitionKey, {
        partitionKey,
        because: isNewest || known === undefined ? because : known.because,
        times: (known?.times ?? 0) + 1,
        lastMs: Math.max(timestamp, known?.lastMs ?? 0),
      });
    }
    ({ nextToken } = page);
  } while (nextToken !== undefined && lines < MAX_LINES);
  return [...partitions.values()].sort((one, other) => other.lastMs - one.lastMs);
};

/** Not every endpoint understands the filter, so each line is looked at here too. */
const heldIn = (message: string): Pick<HeldPartitionStatus, 'partitionKey' | 'because'> | undefined => {
  const parsed = parseJson(message);
  if (parsed.kind === 'malformed' || fieldOf(parsed.value, 'event') !== LOG_EVENTS.partitionHeld) return undefined;
  const partitionKey = fieldOf(parsed.value, 'partitionKey');
  const because = fieldOf(parsed.value, 'because');
  return typeof partitionKey === 'string' && typeof because === 'string' ? { partitionKey, because } : undefined;
};
