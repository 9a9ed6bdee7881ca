import { Option, type Command } from 'commander';
import type { Pipeline } from '../../shared/pipeline/description.ts';
import { keyByStream } from '../../shared/pipeline/open-pipeline.ts';
import { defaultsOf } from '../../shared/pipeline/options.ts';
import type { Stream } from '../../shared/stream/stream.ts';
import { CommandError } from '../errors/command-error.ts';
import { addTargetOptions, completeTarget, type GivenTarget, linesPerSecond } from './options.ts';
import { addPipelineGroup, type Project } from './pipeline-group.ts';
import {
  addInputs,
  checkGiven,
  feedOfFiles,
  neededReferences,
  seeHelpOf,
  type GivenOptions,
} from './pipeline-options.ts';

interface ProduceOptions extends GivenOptions, GivenTarget {
  readonly stream: string;
  readonly state: string;
  readonly rate: number;
  readonly fresh?: boolean;
}

/** Adds the command that writes raw records into a stream of a deployed pipeline. */
export const addProduceCommand = (
  program: Command,
  project: Project,
  exitWith: (code: number) => void,
): readonly Command[] =>
  addPipelineGroup(program, project, {
    name: 'produce',
    description: 'write records into a source stream of a deployed pipeline',
    help: (pipeline) => `Examples:
  millrace produce ${pipeline} --target local --input 2016.csv.gz
  Slowly, to watch it arrive:
    millrace produce ${pipeline} --target aws --rate 500 --input 2016.csv.gz ...

Records go out in the order of the inputs; those of one partition key stay in order, packed into as few Kinesis records
as they fit in. Ctrl-C stops between two chunks; it can be killed too: the same command goes on after what is written.

A record is written once. Before each chunk the position file says what is about to be written; where that was cut
short, or an answer of Kinesis was lost, the producer first reads the stream back, finds its own records by their mark,
and writes what is missing. That holds while the stream keeps its records (24 hours by default) and the inputs do not
change. Standard input cannot be read again: there it begins with what comes.

Exit codes:
  0  every line is written      1  an input is damaged; the lines before the damage are written
  2  it could not run: one line says why and what to do`,
    build: (command, pipeline) =>
      addTargetOptions(addInputs(command, pipeline, neededReferences(pipeline.references)))
        .addOption(
          new Option('--stream <name>', 'a source stream, as the topology calls it').default(pipeline.entry.name),
        )
        .addOption(
          new Option('--rate <lines/s>', "a whole number, or 'max' for as fast as it goes")
            .argParser(linesPerSecond)
            .default(Infinity, 'max'),
        )
        .option('--state <folder>', 'where it notes how far it has come', '.millrace/produce')
        .option('--fresh', 'forget how far it has come, and write all lines (again)')
        .action(async (options: ProduceOptions) => {
          const seeHelp = seeHelpOf(command);
          const stream = sourceNamed(pipeline, options.stream);
          const isEntry = stream === pipeline.entry;
          const needed = isEntry ? neededReferences(pipeline.references) : {};
          checkGiven(needed, options, seeHelp);
          const { target, stage } = completeTarget(options, seeHelp);
          const given = { ...defaultsOf(pipeline.options), ...options };
          const feed = await feedOfFiles(pipeline, needed, given);
          const { state, rate, fresh = false } = options;
          const { produceRecords } = await import('../aws/produce/produce-records.ts');
          exitWith(
            await produceRecords({
              ...{ pipeline, target, stage, state, rate, fresh, stream: stream.name, source: feed.source },
              partitionKeyOf: isEntry ? feed.pipeline.partitionKeyOf : keyByStream(stream),
            }),
          );
        }),
  });

const sourceNamed = (pipeline: Pipeline, name: string): Stream<unknown> => {
  const { sources } = pipeline.topology(defaultsOf(pipeline.options));
  const found = sources.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = sources.map((one) => one.name).join(', ');
  throw new CommandError(`no source stream '${name}'; sources of ${pipeline.name} are ${names}`);
};
