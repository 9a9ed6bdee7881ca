import { InvalidArgumentError, Option, type Command } from 'commander';
import { defaultsOf } from '../../shared/pipeline/options.ts';
import { ASSUMPTIONS, type BillAssumptions, type NumberAssumption } from '../../shared/cost/assumptions.ts';
import { bill } from '../../shared/cost/bill.ts';
import { describeTopology } from '../../shared/processor/description/describe.ts';
import { billTables } from '../report/bill-tables.ts';
import { print } from '../report/terminal.ts';
import { addPipelineGroup, type Project } from './pipeline-group.ts';

interface CostOptions extends Partial<Record<NumberAssumption, number>> {
  readonly capacity: BillAssumptions['capacity'];
  readonly json?: boolean;
}

/** Adds the command that says what a pipeline costs on AWS. */
export const addCostCommand = (program: Command, project: Project): readonly Command[] =>
  addPipelineGroup(program, project, {
    name: 'cost',
    description: 'say what a pipeline costs on AWS',
    help: (pipeline) => `Examples:
  millrace cost ${pipeline}
  millrace cost ${pipeline} --shards 4 --retention-hours 168
  millrace cost ${pipeline} --capacity on-demand --json

Volumes that a pipeline has measured override the general assumptions. Prices have their sources in
shared/cost/prices.ts; what was not found is named and not guessed.`,
    build: (command, pipeline) => {
      command.addOption(
        new Option('--capacity <mode>', 'of the streams').choices(['provisioned', 'on-demand']).default('provisioned'),
      );
      for (const name of NAMES) {
        const { value, about, min, max, whole } = ASSUMPTIONS[name];
        const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
        command.addOption(new Option(`--${flag} <n>`, about).argParser(numberFrom(min, max, whole)).default(value));
      }
      const { volumes, volumesMeasuredOn } = pipeline.deployment;
      if (volumesMeasuredOn !== undefined) {
        command.addHelpText('after', `\nVolumes of ${pipeline.name} were measured on ${volumesMeasuredOn}.`);
      }
      return command
        .option('--json', 'as JSON, with prices and their sources')
        .action(async ({ json = false, ...assumptions }: CostOptions) => {
          const topology = pipeline.topology(defaultsOf(pipeline.options));
          const made = bill(describeTopology(topology), { ...assumptions, ...(volumes !== undefined && { volumes }) });
          if (!json) {
            print(billTables(made));
            return;
          }
          const { PRICES, PRICE_REGION } = await import('../../shared/cost/prices.ts');
          print(`${JSON.stringify({ region: PRICE_REGION, ...made, prices: PRICES }, undefined, 2)}\n`);
        });
    },
  });

const isName = (name: string): name is NumberAssumption => name in ASSUMPTIONS;
const NAMES: readonly NumberAssumption[] = Object.keys(ASSUMPTIONS).filter(isName);

const numberFrom =
  (min: number, max: number, whole: boolean): ((text: string) => number) =>
  (text) => {
    const value = (whole ? /^\d{1,15}$/ : /^\d{1,15}(?:\.\d{1,15})?$/).test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(
      `It must be a ${whole ? 'whole ' : ''}number from ${String(min)} to ${String(max)}.`,
    );
  };
