import { FilterLogEventsCommand, type CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { parseJson } from '../../../shared/codec/json.ts';
import { LOG_EVENTS } from '../../../shared/runtime/lambda/log-events.ts';
import type { HeldPartitionStatus } from './deployment-status.ts';

/** A stream that throttles holds thousands of lanes; the first some hundred lines tell why. */
const MAX_LINES = 1000;

/** The partition keys that a function said it holds since a time, those that were held last first. */
export const heldPartitions = async (
  client: CloudWatchLogsClient,
  logGroupName: string,
  sinceMs: number,
): Promise<readonly HeldPartitionStatus[]> => {
  const lanes = new Map<string, HeldPartitionStatus>();
  let lines = 0;
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new FilterLogEventsCommand({
        logGroupName,
        startTime: sinceMs,
        filterPattern: `{ $.event = "${LOG_EVENTS.laneHeld}" }`,
        ...(nextToken !== undefined && { nextToken }),
      }),
    );
    for (const { message = '', timestamp = 0 } of page.events ?? []) {
      const told = toldIn(message);
      if (told === undefined) continue;
      lines += 1;
      const known = lanes.get(told.lane);
      const isNewest = timestamp >= (known?.lastMs ?? 0);
      lanes.set(told.lane, {
        lane: told.lane,
        because: isNewest || known === undefined ? told.because : known.because,
        times: (known?.times ?? 0) + 1,
        lastMs: Math.max(timestamp, known?.lastMs ?? 0),
      });
    }
    ({ nextToken } = page);
  } while (nextToken !== undefined && lines < MAX_LINES);
  return [...lanes.values()].sort((one, other) => other.lastMs - one.lastMs);
};

/** Not every endpoint understands the filter, so each line is looked at here too. */
const toldIn = (message: string): { readonly lane: string; readonly because: string } | undefined => {
  const parsed = parseJson(message);
  if (parsed.kind === 'malformed') return undefined;
  const field = (name: string): unknown =>
    typeof parsed.value === 'object' && parsed.value !== null ? Reflect.get(parsed.value, name) : undefined;
  const [event, lane, because] = [field('event'), field('lane'), field('because')];
  return event === LOG_EVENTS.laneHeld && typeof lane === 'string' && typeof because === 'string'
    ? { lane, because }
    : undefined;
};
