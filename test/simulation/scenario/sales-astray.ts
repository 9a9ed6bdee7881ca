import type { StreamView } from '../check/stream-view.ts';
import { fieldOf, valuesOf } from './stream-values.ts';
import { Quantity } from './trade-streams.ts';

/**
 * Sales that are not in exactly one place: in an hour, late, or refused by it; sums of hours that are not those of their
 * sales; absences that were said twice or not at all. Holds whenever hours are closed, and whatever closes them.
 */
export const salesAstray = (streams: ReadonlyMap<string, StreamView>): readonly string[] => {
  const sales = valuesOf(streams, 'sales-checked');
  const inHours = valuesOf(streams, 'hourly').map((hour) => Number(String(fieldOf(hour, 'what')).split(' ')[2]));
  const elsewhere = [
    ...valuesOf(streams, 'hourly-late'),
    ...valuesOf(streams, 'refusals').filter((refusal) => fieldOf(refusal, 'what') === 'seven'),
  ].map((fact) => Number(fieldOf(fact, 'number')));
  const active = valuesOf(streams, 'activity').map((fact) => Number(String(fieldOf(fact, 'what')).split(' ')[1]));
  const watched = sales.filter((sale) => fieldOf(sale, 'quantity') !== Quantity.BreaksAbsence);
  return [
    ...unlike('hours', [...inHours, ...elsewhere], sales.map(idOf)),
    ...unlike('activity', active, watched.map(idOf)),
    ...wrongSums(streams),
    ...wrongAbsences(streams),
  ];
};

const idOf = (sale: unknown): number => Number(fieldOf(sale, 'id'));

const unlike = (what: string, got: readonly number[], wanted: readonly number[]): readonly string[] => {
  const [had, ought] = [inOrder(got), inOrder(wanted)];
  return had === ought ? [] : [`sales in ${what}: ${had}; there were ${ought}`];
};

const inOrder = (numbers: readonly number[]): string => numbers.toSorted((one, other) => one - other).join(' ');

const wrongSums = (streams: ReadonlyMap<string, StreamView>): readonly string[] => {
  const quantities = new Map(
    valuesOf(streams, 'sales-checked').map((sale) => [idOf(sale), Number(fieldOf(sale, 'quantity'))]),
  );
  const sums = new Map<string, number>();
  return valuesOf(streams, 'hourly').flatMap((hour) => {
    const key = `${String(fieldOf(hour, 'product'))} at ${String(fieldOf(hour, 'atMs'))}`;
    const sum =
      (sums.get(key) ?? 0) + (quantities.get(Number(String(fieldOf(hour, 'what')).split(' ')[2])) ?? Number.NaN);
    sums.set(key, sum);
    return sum === fieldOf(hour, 'number')
      ? []
      : [`sum of ${key}: ${JSON.stringify(hour)}, its sales make ${String(sum)}`];
  });
};

/** They are numbered per product, from 1. */
const wrongAbsences = (streams: ReadonlyMap<string, StreamView>): readonly string[] => {
  const numbers = new Map<string, number[]>();
  for (const absence of valuesOf(streams, 'absences')) {
    const key = String(fieldOf(absence, 'product'));
    numbers.set(key, [...(numbers.get(key) ?? []), Number(fieldOf(absence, 'number'))]);
  }
  return [...numbers]
    .filter(([, told]) => told.some((number, index) => number !== index + 1))
    .map(([key, told]) => `absences of ${key} are numbered ${told.join(' ')}`);
};
