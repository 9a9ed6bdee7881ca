import { Option, type Command } from 'commander';
import { weather } from '../../functions/weather/topology.ts';
import { mermaidOf } from '../../shared/processor/description/describe-mermaid.ts';
import { outlineOf } from '../../shared/processor/description/describe-text.ts';
import { describeTopology, type TopologyDescription } from '../../shared/processor/description/describe.ts';
import { print } from '../report/terminal.ts';
import { addPipelineArgument } from './options.ts';

const FORMATS: ReadonlyMap<string, (description: TopologyDescription) => string> = new Map([
  ['text', outlineOf],
  ['mermaid', mermaidOf],
  ['json', (description: TopologyDescription) => `${JSON.stringify(description, undefined, 2)}\n`],
]);

const EXAMPLES = `
Examples:
  millrace topology weather
  millrace topology weather --format mermaid > weather.mmd
  millrace topology weather --format json`;

/** Adds the command that shows what a pipeline is made of. */
export const addTopologyCommand = (program: Command): Command =>
  addPipelineArgument(program.command('topology').description('show what a pipeline is made of'))
    .addOption(new Option('--format <name>', 'how to show it').choices([...FORMATS.keys()]).default('text'))
    .addHelpText('after', EXAMPLES)
    .action((_pipeline: string, { format }: { readonly format: string }) => {
      print((FORMATS.get(format) ?? outlineOf)(describeTopology(weather())));
    });
