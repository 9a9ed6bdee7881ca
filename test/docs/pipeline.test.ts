import { expect, test } from '@jest/globals';
// begin
import { aggregate, json, stream, table, topology } from '../../shared/index.ts';

interface Visit {
  readonly page: string;
  readonly user: string;
}
const isVisit = (value: unknown): value is Visit =>
  typeof value === 'object' && value !== null && 'page' in value && 'user' in value;

export const visits = stream('visits', { codec: json('visit', isVisit), partitionKey: ({ page }) => page });
export const counts = table(
  'visit-counts',
  json('count', (value): value is number => typeof value === 'number'),
);

const count = aggregate({
  id: 'visits/count',
  from: visits,
  as: counts,
  key: ({ page }) => page,
  initial: () => 0,
  add: (row) => row + 1,
});

export const pages = topology('visits', [count]);
// end
// begin
import { KplAggregator } from '../../shared/index.ts';
// end
import { lambda } from '../../shared/lambda.ts';
// begin
import { testDriver } from '../../shared/testing.ts';
// end

test('a visit is counted', async () => {
  // begin
  const driver = testDriver(pages);
  await driver.stream(visits).pipe({ page: '/', user: 'a' }, { page: '/', user: 'b' });
  expect(await driver.table(counts)).toEqual(new Map([['/', 2]]));
  // end
});

test('one handler serves all processors of a topology, and says which it does not know', () => {
  const env = {
    MILLRACE_PROCESSOR: 'visits/count',
    MILLRACE_DEPLOYMENT: 'shop',
    MILLRACE_INPUT: 'foreign',
    MILLRACE_STREAMS: '{}',
    MILLRACE_TABLES: '{"visit-counts":"counts"}',
    MILLRACE_REFERENCES: '{}',
    MILLRACE_TOPICS: '{}',
    MILLRACE_DEAD_LETTER_BUCKET: 'letters',
    MILLRACE_CONCURRENCY: '1',
  };
  expect(lambda(pages, { env })).toBeInstanceOf(Function);
  expect(() => lambda(pages, { env: { ...env, MILLRACE_PROCESSOR: 'visits/sum' } })).toThrow(
    "MILLRACE_PROCESSOR is 'visits/sum', which topology 'visits' has not: it has visits/count",
  );
});

test('records of a producer enter as they are, alone or packed', async () => {
  const driver = testDriver(pages);
  // begin
  const plain = JSON.stringify({ page: '/', user: 'a' }); // PutRecord, with the page as partition key
  const packer = new KplAggregator({ partitionKey: '/' });
  packer.append(plain); // false: it is full, so finish it and begin another
  packer.append(JSON.stringify({ page: '/', user: 'b' }));
  const packed = packer.finish(); // one record for both: PutRecord, with the same partition key
  // end
  await driver.stream(visits).pipeBytes('/', plain, packed);
  expect(await driver.table(counts)).toEqual(new Map([['/', 3]]));
});
