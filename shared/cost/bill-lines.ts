import { totalUsd, type Bill } from './bill.ts';
import type { Charge } from './charge.ts';
import { PRICE_REGION, PRICES, type Price } from './prices.ts';

/** A bill as lines of text: idle, per million records, what is not in it, and where the prices are from. */
export const billLines = (bill: Bill): readonly string[] => {
  const charges = bill.rows.filter((row) => row.kind === 'charge');
  const notes = bill.rows.filter((row) => row.kind === 'note');
  const widest = Math.max(...charges.map((one) => labelOf(one).length));
  const section = (title: string, per: Charge['per']): readonly string[] => [
    `  ${title.padEnd(widest + 2)}${usdText(totalUsd(bill, per))}`,
    ...charges
      .filter((one) => one.per === per)
      .map((one) => `    ${labelOf(one).padEnd(widest)}${usdText(one.usd)}  ${amountText(one)}`),
  ];
  return [
    `What ${bill.topology} costs in ${PRICE_REGION}, in US dollars:`,
    ...section('idle, a month', 'month'),
    ...section('per million records', 'million'),
    '  not in it:',
    ...notes.map(({ what }) => `    ${what}`),
    `  ${priceNote()}`,
  ];
};

const labelOf = ({ service, what }: Charge): string => `${service}: ${what}`;

const IN_MILLIONS = 'million ';

/**
 * An amount in the unit of its price; in single units if the price is for a million.
 *
 * @example
 * ```ts
 * amountText({ kind: 'charge', per: 'month', service: 'Kinesis', what: '1 stream', price: 'shardHour', amount: 730, usd: 10.95 }); // '730 shard-hour'
 * amountText({ kind: 'charge', per: 'month', service: 'Lambda', what: 'x', price: 'lambdaRequests', amount: 0.0438, usd: 0.00876 }); // '43,800 requests'
 * ```
 */
export const amountText = ({ amount, price }: Charge): string => {
  const { unit } = PRICES[price];
  return unit.startsWith(IN_MILLIONS)
    ? `${GROUPED.format(Math.round(amount * 1_000_000))} ${unit.slice(IN_MILLIONS.length)}`
    : `${GROUPED.format(Number(amount.toPrecision(3)))} ${unit}`;
};

const GROUPED = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 3 });

const USD_CHARS = 10;

/**
 * Money to a tenth of a cent, aligned at the decimal point.
 *
 * @example
 * ```ts
 * usdText(10.95); // '    10.950'
 * ```
 */
export const usdText = (usd: number): string => usd.toFixed(3).padStart(USD_CHARS);

/** Where the prices are from, and how old they are. */
export const priceNote = (): string => {
  const all: readonly Price[] = Object.values(PRICES);
  const dates = all.map(({ date }) => date).sort();
  const [first = ''] = dates;
  const kind = all.every(({ source }) => source.kind === 'third-party')
    ? "third parties' transcriptions of AWS's price lists"
    : "AWS's price lists and transcriptions of them";
  return `Prices are ${kind}, ${first} to ${dates.at(-1) ?? ''}; confirm them before basing a decision on them.`;
};
