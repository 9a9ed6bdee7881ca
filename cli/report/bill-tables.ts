import { amountText, priceNote, usdText } from '../../shared/cost/bill-lines.ts';
import { totalUsd, type Bill } from '../../shared/cost/bill.ts';
import type { Charge } from '../../shared/cost/charge.ts';
import { PRICE_REGION } from '../../shared/cost/prices.ts';
import { textTable } from './terminal.ts';

/** A bill as tables for a terminal: idle, per million records, and what is not in it. */
export const billTables = (bill: Bill): string => {
  const charges = bill.rows.filter((row) => row.kind === 'charge');
  const rowsOf = (title: string, per: Charge['per']): readonly (readonly string[])[] => [
    [title, 'USD', 'for'],
    ...charges
      .filter((one) => one.per === per)
      .map((one) => [`  ${one.service}: ${one.what}`, usdText(one.usd).trim(), amountText(one)]),
    ['  in all', usdText(totalUsd(bill, per)).trim(), ''],
  ];
  const notes = bill.rows.filter((row) => row.kind === 'note').map(({ what }) => `  ${what}`);
  const lines = [
    `${bill.topology} in ${PRICE_REGION}`,
    '',
    ...textTable(
      [...rowsOf('Idle, a month', 'month'), ['', '', ''], ...rowsOf('For a million records', 'million')],
      '  ',
    ),
    '',
    'Not in it',
    ...notes,
    '',
    priceNote(),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
};
