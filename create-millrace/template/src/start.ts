import { readFileSync } from 'node:fs';
import { testDriver } from 'millrace/testing';
import { late, orders, records, sales, shop, totals } from './shop.ts';

const file = process.argv[2] ?? 'sample/orders.jsonl';
const driver = testDriver(shop);
for (const line of readFileSync(file, 'utf8').split('\n')) {
  // As foreign producers send it: what is no order becomes a dead letter.
  if (line !== '') await driver.stream(orders).pipeBytes('replay', line);
}
await driver.end();

console.log('records', driver.stream(records).read());
console.log('sales', driver.stream(sales).read());
console.log('late', driver.stream(late).read());
console.log('totals', await driver.table(totals));
console.log(
  'dead letters',
  driver.deadLetters().map(({ processor, error }) => `${processor}: ${error}`),
);
for (const processor of shop.processors) console.log(processor.id, driver.books(processor));
