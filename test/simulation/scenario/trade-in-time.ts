import { processor } from '../../../shared/processor/processor.ts';
import { tumbling } from '../../../shared/processor/windows/tumbling.ts';
import { Refused, windowed } from '../../../shared/processor/windows/windowed.ts';
import {
  absenceCounts,
  absences,
  activity,
  checkedSales,
  hourly,
  hourlyLate,
  Quantity,
  refusals,
  type Fact,
  type Sale,
} from './trade-streams.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A product is absent when a location has not sold it for this long, and a second time after as long again. */
const ABSENT_AFTER_MS = 10 * MINUTE_MS;

const placeAndProduct = ({ location, product }: Pick<Sale, 'location' | 'product'>): string => `${location}/${product}`;

/** The sum of an hour, with every sale that changes it. */
export const perHour = windowed({
  id: 'trade/per-hour',
  from: checkedSales,
  to: { hourly, late: hourlyLate, refusals },
  key: (sale) => placeAndProduct(sale),
  window: tumbling({ sizeMs: HOUR_MS, graceMs: 30 * MINUTE_MS }),
  initial: () => ({ sum: 0, lastId: 0 }),
  add: ({ sum }, { id, location, product, quantity, atMs }) =>
    quantity === Quantity.NotForWindows
      ? new Refused({ refusals: [{ what: 'seven', location, product, atMs, number: id }] })
      : { sum: sum + quantity, lastId: id },
  emit: 'updates',
  result: ({ sum, lastId }, { key, partitionKey, startMs }) => ({
    hourly: [
      { what: `hour after ${String(lastId)}`, location: partitionKey, product: key, atMs: startMs, number: sum },
    ],
  }),
  late: ({ id, location, product, atMs }) => ({ late: [{ what: 'late', location, product, atMs, number: id }] }),
});

/** After this many sales, its timer trips a bug. */
const BREAKS_TIMER = 4;

/** How often a product was sold and missed; `missing` counts the absences in a row. */
interface Presence {
  readonly sales: number;
  readonly absences: number;
  readonly missing: number;
}

/** Says when a product has not been sold for some time, on the watermark and, where nothing comes any more, on the clock. */
export const absence = processor({
  id: 'trade/absence',
  from: checkedSales,
  to: { activity, absences },
  key: (sale) => placeAndProduct(sale),
  initial: (): Presence => ({ sales: 0, absences: 0, missing: 0 }),
  timers: { graceMs: 2 * MINUTE_MS, idleAfterMs: 15 * MINUTE_MS, whenIdle: 'follow-clock' },
  step: ({ value: { id, location, product, quantity, atMs }, state, timeMs }) => {
    if (quantity === Quantity.BreaksAbsence) throw new Error('a bug in a step with timers');
    const said: Fact = { what: `sale ${String(id)}`, location, product, atMs, number: state.absences };
    return {
      state: { sales: state.sales + 1, absences: state.absences, missing: 0 },
      emit: { activity: [said] },
      timerMs: quantity === Quantity.LastOne ? 'none' : timeMs + ABSENT_AFTER_MS,
    };
  },
  onTimer: ({ state, key, partitionKey, timerMs }) => {
    if (state.sales === BREAKS_TIMER) throw new Error('a bug in a timer');
    const missing = state.missing + 1;
    const said: Fact = {
      what: `absent ${String(missing)} after ${String(state.sales)}`,
      location: partitionKey,
      product: key,
      atMs: timerMs,
      number: state.absences + 1,
    };
    return {
      state: { ...state, absences: state.absences + 1, missing },
      emit: { absences: [said] },
      ...(missing === 1 && { timerMs: timerMs + ABSENT_AFTER_MS }),
    };
  },
});

/** A stateful processor after the timers: a firing that is emitted twice would be counted twice. */
export const absenceCounter = processor({
  id: 'trade/absence-counter',
  from: absences,
  to: { absenceCounts },
  key: ({ product }) => product,
  initial: () => 0,
  step: ({ value, state }) => ({ state: state + 1, emit: { absenceCounts: [{ ...value, number: state + 1 }] } }),
});
