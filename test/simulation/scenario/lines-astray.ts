import { elementOfLine, stationOfLine, valueOfLine } from '../../../functions/weather/model/good-line.ts';
import type { StreamView } from '../check/stream-view.ts';
import { fieldOf, valuesOf } from './stream-values.ts';

/**
 * Good lines that are not in exactly one place: in an assembled day, among the late ones, or refused because their element
 * was said before. Holds whenever days are closed, and whatever closes them.
 */
export const linesAstray = (streams: ReadonlyMap<string, StreamView>): readonly string[] => {
  const left = new Map<string, string[]>();
  const astray: string[] = [];
  for (const line of valuesOf(streams, 'weather-validated').map(String)) {
    const slot = slotOf(stationOfLine(line), dateOfLine(line), elementOfLine(line));
    left.set(slot, [...(left.get(slot) ?? []), line]);
  }
  const take = (slot: string, isIt: (line: string) => boolean, place: string): void => {
    const lines = left.get(slot) ?? [];
    const at = lines.findIndex(isIt);
    if (at < 0) astray.push(`${place} has ${slot}, which is elsewhere already or was never there`);
    else lines.splice(at, 1);
  };
  const elsewhere = [
    ...valuesOf(streams, 'weather-late'),
    ...valuesOf(streams, 'weather-errors').filter((error) => fieldOf(error, 'reason') === 'duplicate-element'),
  ];
  for (const line of elsewhere.map((value) => String(fieldOf(value, 'line')))) {
    const slot = slotOf(stationOfLine(line), dateOfLine(line), elementOfLine(line));
    take(slot, (one) => one === line, 'weather-late or weather-errors');
  }
  for (const day of valuesOf(streams, 'weather-assembled')) {
    for (const [element, value] of Object.entries(fieldOf(day, 'elements') ?? {})) {
      const slot = slotOf(
        String(fieldOf(day, 'station_id')),
        String(fieldOf(day, 'date')).replaceAll('-', ''),
        element,
      );
      take(slot, (one) => valueOfLine(one) === value, 'weather-assembled');
    }
  }
  return [...astray, ...[...left.values()].flat().map((line) => `nowhere: ${line}`)];
};

const slotOf = (station: string, date: string, element: string): string => `${station} ${date} ${element}`;

const dateOfLine = (line: string): string => line.slice(12, 20);
