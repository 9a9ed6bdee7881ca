import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crash, duplicateDelivery, testDriver } from 'millrace/testing';
import { hourly, largest, late, orders, records, sales, shop, totals, type Order } from '../src/shop.ts';

const order = (minute: number, amount: number): Order => ({
  shop: 'north',
  product: 'tea',
  amount,
  at: new Date(Date.UTC(2026, 0, 1, 9, minute)).toISOString(),
});

test('an order counts once, however often it is delivered and whatever crashes', async () => {
  const driver = testDriver(shop);
  await driver.stream(orders).pipe(order(1, 20), crash(hourly, 'write'), order(2, 30), duplicateDelivery(largest));
  assert.deepEqual(driver.stream(records).read(), [order(1, 20), order(2, 30)]);
  const row = (await driver.table(totals)).get('north/tea');
  assert.equal(row?.amount, 50);
});

test('an hour closes when event time has passed its grace, and what comes after that is late', async () => {
  const driver = testDriver(shop);
  await driver.stream(orders).pipe(order(10, 20), order(50, 30), order(66, 1));
  assert.deepEqual(driver.stream(sales).read(), [
    { shop: 'north', product: 'tea', hour: '2026-01-01T09:00:00.000Z', orders: 2, amount: 50 },
  ]);
  await driver.stream(orders).pipe(order(59, 5));
  assert.deepEqual(driver.stream(late).read(), [order(59, 5)]);
});

test('what is no order is a dead letter, and stops nothing', async () => {
  const driver = testDriver(shop);
  await driver.stream(orders).pipeBytes('north', 'dirt');
  await driver.stream(orders).pipe(order(1, 20));
  assert.equal(driver.deadLetters().length, 3); // one a processor
  assert.deepEqual(driver.stream(records).read(), [order(1, 20)]);
});
