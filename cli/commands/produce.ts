import { Option, type Command } from 'commander';
import { linesPerSecond } from './options.ts';
import { addPipelineArgument } from './options.ts';
import { addTargetOptions, completeTarget, type GivenTarget } from './options.ts';
import { addWeatherLines, completeWeatherInput, type GivenWeatherInput } from './weather-input-options.ts';

interface ProduceOptions extends GivenWeatherInput, GivenTarget {
  readonly state: string;
  readonly rate: number;
  readonly fresh?: boolean;
}

const SEE_HELP = 'see millrace produce --help';

const EXAMPLES = `
Examples:
  millrace produce weather --target local --input 2016.csv.gz --stations ghcnd-stations.txt \\
    --countries ghcnd-countries.txt --states ghcnd-states.txt
  Slowly, to watch it arrive:
    millrace produce weather --target aws --rate 500 --input 2016.csv.gz ...

Lines go out in the order of the files; those of one location stay in order, packed into as few Kinesis records as they
fit in. Ctrl-C stops between two chunks; it can be killed too: the same command goes on after what is written.

A line is written once. Before each chunk the position file says what is about to be written; where that was cut short,
or an answer of Kinesis was lost, the producer first reads the stream back, finds its own records by their mark, and
writes what is missing. That holds while the stream keeps its records (24 hours by default) and the inputs do not change.

Exit codes:
  0  every line is written      1  an input is damaged; the lines before the damage are written
  2  it could not run: one line says why and what to do`;

/** Adds the command that writes raw records into a deployed pipeline. */
export const addProduceCommand = (program: Command, exitWith: (code: number) => void): Command => {
  const command = program.command('produce').description('write files into the source stream of a deployed pipeline');
  return addTargetOptions(addWeatherLines(addPipelineArgument(command)))
    .addOption(
      new Option('--rate <lines/s>', "a whole number, or 'max' for as fast as it goes")
        .argParser(linesPerSecond)
        .default(Infinity, 'max'),
    )
    .option('--state <folder>', 'where it notes how far it has come', '.millrace/produce')
    .option('--fresh', 'forget how far it has come, and write all lines (again)')
    .addHelpText('after', EXAMPLES)
    .action(async (_pipeline: string, options: ProduceOptions) => {
      const given = { ...completeWeatherInput(options, SEE_HELP), ...completeTarget(options, SEE_HELP) };
      const { state, rate, fresh = false } = options;
      const { produceWeather } = await import('../aws/produce/produce-weather.ts');
      exitWith(await produceWeather({ ...given, state, rate, fresh }));
    });
};
