import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { DescribeStreamSummaryCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { lineLocator } from '../../../functions/weather/model/location.ts';
import { rawLines } from '../../../functions/weather/streams.ts';
import { listenForInterrupt } from '../../run/interrupt.ts';
import { withOutputErrors } from '../../errors/output-error.ts';
import { checkWeatherInput, type WeatherInputOptions } from '../../weather/weather-input.ts';
import { grouped, spanText } from '../../text/numbers.ts';
import { openProgress } from '../../report/progress.ts';
import { damageText } from '../../report/run-report.ts';
import { print, say } from '../../report/terminal.ts';
import type { DeploymentChoice } from '../deployment.ts';
import { openTarget } from '../deployment.ts';
import { called } from '../calls.ts';
import { exactPut } from './exact-put.ts';
import { openPositionFile } from './position-file.ts';
import { produceLines, type Produced } from './produce-lines.ts';
import { watchClient } from './watched-client.ts';

export interface ProduceWeatherOptions extends WeatherInputOptions, Omit<DeploymentChoice, 'topology'> {
  /** Folder of the positions. */
  readonly state: string;
  /** Lines per second. */
  readonly rate: number;
  readonly fresh: boolean;
}

/** How long a call whose answer was lost may go on writing. On this machine it is over with the connection. */
const SETTLE_MS = { aws: 10_000, local: 1_000 } as const;
const KEY_CHARS = 16;

/** Writes weather files into the raw stream of a deployment. Returns the exit code. */
export const produceWeather = async (options: ProduceWeatherOptions): Promise<number> => {
  const { target, stage, state, rate, fresh } = options;
  const input = await checkWeatherInput(options);
  const { clients, deployment } = await openTarget({ topology: 'weather', target, stage });
  const streamName = deployment.one('rawStream');
  const client = clients.kinesis();
  const watched = watchClient(client);
  const about = {
    '--target': target,
    stack: deployment.stack,
    stream: await streamIdentity(client, streamName),
    ...input.fingerprint,
  };
  using interrupt = listenForInterrupt();
  const folder = join(state, createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, KEY_CHARS));
  return await withOutputErrors(state, '--state', async () => {
    using positions = openPositionFile(folder, about);
    if (fresh) positions.clear();
    const before = positions.read();
    if (before?.finished === true) {
      const { records } = before.position;
      say(
        `all ${grouped(records)} lines are in ${streamName} already, according to ${positions.path}; --fresh writes them again`,
      );
      return 0;
    }
    if (before !== undefined) say(`goes on after line ${grouped(before.position.records)}, from ${positions.path}`);

    const total = input.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const startedMs = Date.now();
    const produce = async (): Promise<Produced> => {
      using progress = openProgress({ total, done: before?.position.doneBytes ?? 0, nowMs: Date.now });
      return await produceLines({
        files: input.files,
        format: input.format,
        locate: lineLocator(input.lookups.stations),
        exact: exactPut({ client, watched, streamName, settleMs: SETTLE_MS[target], interrupt }),
        positions,
        serviceNowMs: () => watched.nowMs(),
        rate,
        interrupt,
        after: (count, { doneBytes }) => {
          progress.update(count, doneBytes);
        },
      });
    };
    const { lines, kinesisRecords, at } = await produce();
    if (!at.finished) {
      say(`stopped after line ${grouped(at.position.records)}; the same command goes on from there`);
      return interrupt.exitCode;
    }
    const spentMs = Date.now() - startedMs;
    const { records, damaged } = at.position;
    print(
      `${rawLines.name}: ${grouped(records)} lines of ${input.files.map(({ path }) => basename(path)).join(', ')} are in ${streamName}; ` +
        `${lines === records ? '' : `${grouped(lines)} of them now, `}in ${grouped(kinesisRecords)} Kinesis records and ${spanText(spentMs)} ` +
        `(${grouped((lines / Math.max(1, spentMs)) * 1000)}/s)\n`,
    );
    for (const damage of damaged) say(damageText(damage));
    return damaged.length === 0 ? 0 : 1;
  });
};

/** A stream that was deleted and made again under its name is another one, and holds nothing of what was written. */
const streamIdentity = async (client: KinesisClient, streamName: string): Promise<string> => {
  const { StreamDescriptionSummary: summary } = await called(`looking at ${streamName}`, (abortSignal) =>
    client.send(new DescribeStreamSummaryCommand({ StreamName: streamName }), { abortSignal }),
  );
  return `${summary?.StreamARN ?? streamName} of ${summary?.StreamCreationTimestamp?.toISOString() ?? 'unknown'}`;
};
