import { Option, type Command } from 'commander';
import type { SomeValues } from '../../shared/pipeline/description.ts';
import { mermaidOf } from '../../shared/processor/description/describe-mermaid.ts';
import { outlineOf } from '../../shared/processor/description/describe-text.ts';
import { describeTopology, type TopologyDescription } from '../../shared/processor/description/describe.ts';
import { print } from '../report/terminal.ts';
import { addPipelineGroup, type Project } from './pipeline-group.ts';
import { addOwnOptions } from './pipeline-options.ts';

const FORMATS: ReadonlyMap<string, (description: TopologyDescription) => string> = new Map([
  ['text', outlineOf],
  ['mermaid', mermaidOf],
  ['json', (description: TopologyDescription) => `${JSON.stringify(description, undefined, 2)}\n`],
]);

/** Adds the command that shows what a pipeline is made of. */
export const addTopologyCommand = (program: Command, project: Project): readonly Command[] =>
  addPipelineGroup(program, project, {
    name: 'topology',
    description: 'show what a pipeline is made of',
    help: (pipeline) => `Examples:
  millrace topology ${pipeline}
  millrace topology ${pipeline} --format mermaid > ${pipeline}.mmd
  millrace topology ${pipeline} --format json`,
    build: (command, pipeline) =>
      addOwnOptions(command, pipeline.options)
        .addOption(new Option('--format <name>', 'how to show it').choices([...FORMATS.keys()]).default('text'))
        .action(({ format, ...values }: SomeValues & { readonly format: string }) => {
          print((FORMATS.get(format) ?? outlineOf)(describeTopology(pipeline.topology(values))));
        }),
  });
