import type { Command } from 'commander';
import { CommandError } from '../errors/command-error.ts';
import { addTargetOptions, completeTarget, type GivenTarget } from './options.ts';
import { addStationLists, completeStationLists, type GivenStationLists } from './weather-input-options.ts';

interface LoadOptions extends GivenTarget {
  readonly replace?: boolean;
}

const EXAMPLES = `
Examples:
  millrace load stations --target local --stations ghcnd-stations.txt --countries ghcnd-countries.txt \\
    --states ghcnd-states.txt
  millrace load rules --target aws --rules rules.json --replace

Rows are written over those of the same key, so loading twice is loading once. Processors see them within a minute.`;

/** Adds the command that fills the reference tables of a deployed pipeline. */
export const addLoadCommand = (program: Command, exitWith: (code: number) => void): readonly Command[] => {
  const load = program.command('load').description('load reference data of a deployed pipeline: stations, rules');
  load.addHelpText('after', EXAMPLES);
  const addCommon = (command: Command): Command =>
    addTargetOptions(command).option('--replace', 'remove the rows that are not given').addHelpText('after', EXAMPLES);

  const stations = addCommon(addStationLists(load.command('stations').description("load NOAA's station list"))).action(
    async (options: LoadOptions & GivenStationLists) => {
      const seeHelp = 'see millrace load stations --help';
      const paths = completeStationLists(options, seeHelp);
      const given = { ...completeTarget(options, seeHelp), replace: options.replace ?? false };
      const { loadStations } = await import('../aws/load/load-weather.ts');
      exitWith(await loadStations(paths, given));
    },
  );
  const rules = addCommon(
    load
      .command('rules')
      .description('load alert rules')
      .option('--rules <file>', 'alert rules as a JSON array or JSON lines'),
  ).action(async (options: LoadOptions & { readonly rules?: string }) => {
    const seeHelp = 'see millrace load rules --help';
    if (options.rules === undefined) throw new CommandError(`missing --rules, the file of the rules; ${seeHelp}`);
    const given = { ...completeTarget(options, seeHelp), replace: options.replace ?? false };
    const { loadRules } = await import('../aws/load/load-weather.ts');
    exitWith(await loadRules(options.rules, given));
  });
  return [load, stations, rules];
};
