import { json } from '../../../shared/codec/json.ts';
import { stream, type Stream } from '../../../shared/stream/stream.ts';

/** Quantities that are not just counted: each sets off something in some step. */
export const Quantity = {
  Nothing: 0,
  Negative: -1,
  /** No window takes it. */
  NotForWindows: 7,
  /** The product is not missed from here on. */
  LastOne: 10,
  /** Trips a bug in a step that has state and timers. */
  BreaksAbsence: 11,
  /** Trips a bug in a step without state. */
  BreaksCheck: 13,
  /** Trips a bug that finds no state key. */
  BreaksKey: 14,
  /** Trips a bug that is fixed while its partition is held. */
  Held: 17,
} as const;

/** What the trade topology is fed with; `id` is different for each. */
export interface Sale {
  readonly id: number;
  readonly location: string;
  readonly product: string;
  readonly quantity: number;
  readonly atMs: number;
}

/** Something that a processor says about a sale, or about a product of a location at a time. */
export interface Fact {
  readonly what: string;
  readonly location: string;
  readonly product: string;
  readonly atMs: number;
  readonly number: number;
}

const isSale = (value: unknown): value is Sale =>
  typeof value === 'object' && value !== null && 'quantity' in value && 'id' in value;
const isFact = (value: unknown): value is Fact => typeof value === 'object' && value !== null && 'what' in value;

const saleStream = (name: string, partitionKey: (sale: Sale) => string): Stream<Sale> =>
  stream(name, { codec: json('sale', isSale), partitionKey, eventTimeMs: ({ atMs }) => atMs });

const factStream = (name: string): Stream<Fact> =>
  stream(name, {
    codec: json('fact', isFact),
    partitionKey: ({ location }) => location,
    eventTimeMs: ({ atMs }) => atMs,
  });

export const sales: Stream<Sale> = saleStream('sales', ({ location }) => location);
export const checkedSales: Stream<Sale> = saleStream('sales-checked', ({ location }) => location);
/** The same sales by product: what comes together here has no common order. */
export const productSales: Stream<Sale> = saleStream('sales-by-product', ({ product }) => product);

export const refusals: Stream<Fact> = factStream('refusals');
export const runningTotals: Stream<Fact> = factStream('running-totals');
export const sightings: Stream<Fact> = factStream('sightings');
/** Two processors write here, and both read the same stream. */
export const merged: Stream<Fact> = factStream('merged');
export const joined: Stream<Fact> = factStream('joined');
export const numbered: Stream<Fact> = factStream('numbered');
export const hourly: Stream<Fact> = factStream('hourly');
export const hourlyLate: Stream<Fact> = factStream('hourly-late');
export const activity: Stream<Fact> = factStream('activity');
export const absences: Stream<Fact> = factStream('absences');
export const absenceCounts: Stream<Fact> = factStream('absence-counts');
