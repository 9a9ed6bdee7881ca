import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ReadFrom } from '../aws/kinesis-shards.ts';
import { addTargetOptions, completeTarget, type GivenTarget, wholeNumber } from './options.ts';
import { addPipelineGroup, type Project } from './pipeline-group.ts';
import { seeHelpOf } from './pipeline-options.ts';

interface TailOptions extends GivenTarget {
  readonly from: ReadFrom;
  readonly json?: boolean;
  readonly limit: number;
}

/** Adds the command that shows the records of a deployed stream. */
export const addTailCommand = (
  program: Command,
  project: Project,
  exitWith: (code: number) => void,
): readonly Command[] =>
  addPipelineGroup(program, project, {
    name: 'tail',
    description: 'show the records of a deployed stream as they come',
    help: (pipeline) => `Examples (millrace topology ${pipeline} names the streams):
  millrace tail ${pipeline} STREAM --target aws
  millrace tail ${pipeline} STREAM --target local --from start --limit 20
  millrace tail ${pipeline} STREAM --target aws --from 2026-11-20T12:00:00Z --json | jq .value

A line is event time (arrival, for records from outside), partition key and value. Aggregates and envelopes are opened;
--json also has shard, sequence number, lane and position. Order holds within a partition key. Ctrl-C stops.`,
    build: (command, pipeline) =>
      addTargetOptions(command.argument('<stream>', 'as the topology calls it'))
        .addOption(
          new Option('--from <where>', 'start, now, or an ISO 8601 time')
            .argParser(placeOf)
            .default({ kind: 'now' }, 'now'),
        )
        .addOption(
          new Option('--limit <n>', 'end after this many records')
            .argParser(wholeNumber(1, 1_000_000_000))
            .default(Infinity, 'no end'),
        )
        .option('--json', 'one JSON object a line')
        .action(async (stream: string, { from, json = false, limit, ...given }: TailOptions) => {
          const choice = { pipeline, ...completeTarget(given, seeHelpOf(command)) };
          const { tailStream } = await import('../aws/tail/tail-stream.ts');
          exitWith(await tailStream({ stream, from, json, limit, ...choice }));
        }),
  });

const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/u;

const placeOf = (text: string): ReadFrom => {
  if (text === 'start' || text === 'now') return { kind: text };
  const timeMs = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(timeMs)) return { kind: 'time', timeMs };
  throw new InvalidArgumentError("It must be 'start', 'now', or a time such as 2026-11-20T12:00:00Z.");
};
