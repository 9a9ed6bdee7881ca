import { InvalidArgumentError, Option, type Command } from 'commander';
import { measuredVolumes } from '../../functions/weather/measured-volumes.ts';
import { weather } from '../../functions/weather/topology.ts';
import { ASSUMPTIONS, type BillAssumptions, type NumberAssumption } from '../../shared/cost/assumptions.ts';
import { bill } from '../../shared/cost/bill.ts';
import { describeTopology } from '../../shared/processor/description/describe.ts';
import { billTables } from '../report/bill-tables.ts';
import { print } from '../report/terminal.ts';
import { addPipelineArgument } from './options.ts';

interface CostOptions extends Partial<Record<NumberAssumption, number>> {
  readonly capacity: BillAssumptions['capacity'];
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  millrace cost weather
  millrace cost weather --shards 4 --retention-hours 168
  millrace cost weather --capacity on-demand --json

Of the weather pipeline, volumes are those measured on the US lines of 2016. Prices have their sources in
shared/cost/prices.ts; what was not found is named and not guessed.`;

/** Adds the command that says what a pipeline costs on AWS. */
export const addCostCommand = (program: Command): Command => {
  const command = addPipelineArgument(program.command('cost').description('say what a pipeline costs on AWS'));
  command.addOption(
    new Option('--capacity <mode>', 'of the streams').choices(['provisioned', 'on-demand']).default('provisioned'),
  );
  for (const name of NAMES) {
    const { value, about, min, max, whole } = ASSUMPTIONS[name];
    const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    command.addOption(new Option(`--${flag} <n>`, about).argParser(numberFrom(min, max, whole)).default(value));
  }
  return command
    .option('--json', 'as JSON, with prices and their sources')
    .addHelpText('after', EXAMPLES)
    .action(async (_pipeline: string, { json = false, ...assumptions }: CostOptions) => {
      const made = bill(describeTopology(weather()), { ...assumptions, volumes: measuredVolumes });
      if (!json) {
        print(billTables(made));
        return;
      }
      const { PRICES, PRICE_REGION } = await import('../../shared/cost/prices.ts');
      print(`${JSON.stringify({ region: PRICE_REGION, ...made, prices: PRICES }, undefined, 2)}\n`);
    });
};

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
