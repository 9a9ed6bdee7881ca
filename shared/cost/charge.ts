import { PRICES, type PriceName } from './prices.ts';

/** One line of a bill: money, or what the bill cannot say. */
export type BillRow = Charge | Note;

/** Something with a price. */
export interface Charge {
  readonly kind: 'charge';
  /** Each month, records or none; or for each million records that enter the topology. */
  readonly per: 'month' | 'million';
  readonly service: 'Kinesis' | 'Lambda' | 'DynamoDB';
  readonly what: string;
  readonly price: PriceName;
  /** In the unit of the price. */
  readonly amount: number;
  readonly usd: number;
}

/** Something that may cost, and why it has no figure. */
interface Note {
  readonly kind: 'note';
  readonly what: string;
}

/** Hours of an average month. */
export const HOURS_A_MONTH = 730;

/** The charge of an amount, which is in the unit of its price. */
export const charge = (
  per: Charge['per'],
  service: Charge['service'],
  what: string,
  price: PriceName,
  amount: number,
): Charge => ({ kind: 'charge', per, service, what, price, amount, usd: amount * PRICES[price].usd });
