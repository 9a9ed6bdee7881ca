import { setTimeout } from 'node:timers/promises';
import { CommandError } from '../../errors/command-error.ts';
import { listenForInterrupt } from '../../run/interrupt.ts';
import { print, say } from '../../report/terminal.ts';
import type { PipelineChoice } from '../deployment.ts';
import { openTarget, topologyOf } from '../deployment.ts';
import { kinesisShards } from '../kinesis-shards.ts';
import type { ReadFrom } from '../kinesis-shards.ts';
import { followShards } from './follow-shards.ts';
import { shownLine, showing } from './shown-record.ts';

export interface TailOptions extends PipelineChoice {
  /** As the topology calls it. */
  readonly stream: string;
  readonly from: ReadFrom;
  readonly json: boolean;
  /** Ends after this many records. */
  readonly limit: number;
}

const SLICE_MS = 100;

/** Shows the records of a stream as they come, until the user wants an end. Returns the exit code. */
export const tailStream = async ({ pipeline, stream, from, json, limit, ...choice }: TailOptions): Promise<number> => {
  const { streams } = topologyOf(pipeline);
  const described = streams.find(({ name }) => name === stream);
  if (described === undefined) {
    const names = streams.map(({ name }) => name).join(', ');
    throw new CommandError(`no stream '${stream}'; streams are ${names}`);
  }
  const { clients, deployment } = await openTarget({ topology: pipeline.name, ...choice });
  const show = showing(described.codec.dataMember);
  using interrupt = listenForInterrupt();
  let left = limit;
  const stopped = (): boolean => interrupt.signal !== undefined || left === 0;
  const pause = async (ms: number): Promise<void> => {
    for (const untilMs = Date.now() + ms; !stopped() && Date.now() < untilMs;) await setTimeout(SLICE_MS);
  };
  const source = kinesisShards(clients.kinesis(), deployment.named('Stream', stream));
  if (process.stderr.isTTY) say(`waiting for records of ${stream}, Ctrl-C stops`);
  for await (const page of followShards({ source, from, pause, stopped })) {
    const shown = page.flatMap(show).slice(0, left);
    print(shown.map((record) => `${json ? JSON.stringify(record) : shownLine(record)}\n`).join(''));
    left -= shown.length;
  }
  // To be stopped is how this command ends.
  return 0;
};
