import { Option, type Command } from 'commander';
import { LINE_FORMATS } from '../../functions/weather/formats/formats.ts';

/** Adds the options of `WeatherInputOptions` to a command; `required` is false where it also has input of its own. */
export const addWeatherInput = (command: Command, required: boolean): Command => {
  const formats = LINE_FORMATS.map(({ name }) => name);
  const add = (flags: string, description: string): void => {
    command.addOption(new Option(flags, description).makeOptionMandatory(required));
  };
  add('--input <file...>', 'NOAA weather files, plain or gzip, read in this order');
  command.addOption(
    new Option('--format <name>', 'what the lines of the input are').choices(formats).default(LINE_FORMATS[0].name),
  );
  add('--stations <file>', "NOAA's ghcnd-stations.txt, plain or gzip");
  add('--countries <file>', "NOAA's ghcnd-countries.txt");
  add('--states <file>', "NOAA's ghcnd-states.txt");
  return command.option(
    '--rules <file>',
    'alert rules as a JSON array or JSON lines (default: nobody is told anything)',
  );
};
