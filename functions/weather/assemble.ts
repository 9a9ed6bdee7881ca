import type { Processor } from '../../shared/processor/processor.ts';
import { tumbling } from '../../shared/processor/windows/tumbling.ts';
import { Refused, windowed } from '../../shared/processor/windows/windowed.ts';
import { DAY_MS } from './model/calendar-day.ts';
import { elementOfLine, stationOfLine, valueOfLine } from './model/good-line.ts';
import { InvalidReason } from './model/invalid-reason.ts';
import { lateLines, stationDays, validatedLines, weatherErrors } from './streams.ts';

const isoDay = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

/**
 * Joins the lines of a station and day into one, once, when the watermark of the location passes the end of the day plus `graceDays`, or
 * the location is idle.
 */
export const assemble = ({ graceDays }: { readonly graceDays: number }): Processor =>
  windowed({
    id: 'weather/assemble',
    from: validatedLines,
    to: { days: stationDays, errors: weatherErrors, late: lateLines },
    key: stationOfLine,
    window: tumbling({ sizeMs: DAY_MS, graceMs: graceDays * DAY_MS }),
    initial: (): Readonly<Record<string, number>> => ({}),
    add: (elements, line, { partitionKey: location }) => {
      const element = elementOfLine(line);
      return Object.hasOwn(elements, element)
        ? new Refused({ errors: [{ reason: InvalidReason.DuplicateElement, location, line }] })
        : { ...elements, [element]: valueOfLine(line) };
    },
    emit: 'final',
    result: (elements, { key, partitionKey, startMs }) => ({
      days: [{ location: partitionKey, station_id: key, date: isoDay(startMs), elements }],
    }),
    late: (line, { key, partitionKey, startMs, endMsExclusive }) => ({
      late: [
        {
          line,
          location: partitionKey,
          station_id: key,
          date: isoDay(startMs),
          dayEnd: new Date(endMsExclusive).toISOString(),
        },
      ],
    }),
  });
