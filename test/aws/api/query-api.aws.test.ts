import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { alertLogTable, alertRules, daily, stations } from '../../../functions/weather/tables.ts';
import type { ApiHandler } from '../../../shared/runtime/lambda/api/api.ts';
import { apiEnvironmentVariables } from '../../../shared/runtime/lambda/environment.ts';
import { cursorSecret } from '../../../shared/runtime/lambda/api/cursor.ts';
import { dynamoStore } from '../../../shared/state/dynamodb/dynamo-store.ts';
import { servingTable } from '../../../shared/state/dynamodb/serving-table.ts';
import { ROW_TABLE, STATE_TABLE } from '../../../shared/state/dynamodb/table-layout.ts';
import { alertOn, STATIONS } from '../../functions/weather/handlers/api/weather-api.ts';
import { call, errorCode, keysOf, pagesOf } from '../../runtime/lambda/api/support/call.ts';
import { deleteTables, dynamoClient, madeTable, halfMinute } from '../state/made-table.ts';

const dynamodb = dynamoClient();
const secrets = new SecretsManagerClient();
const newSecret = async (text: string): Promise<string> => {
  const { ARN = '' } = await secrets.send(
    new CreateSecretCommand({ Name: `millrace-test-${randomUUID()}`, SecretString: text }),
  );
  arns.push(ARN);
  return ARN;
};
const arns: string[] = [];
const tables: string[] = [];
const newTable = async (layout = ROW_TABLE): Promise<string> => {
  const name = await madeTable(dynamodb, layout);
  tables.push(name);
  return name;
};

const TUCSON = 'USC00028815';
const ALERTS = Array.from({ length: 40 }, (_, index) =>
  alertOn(
    `2016-01-${String((index % 20) + 1).padStart(2, '0')}`,
    index < 20 ? TUCSON : 'USC00020001',
    'US-AZ',
    `rule/${String(index % 3)}`,
  ),
);
const ALERT_KEYS = ALERTS.map(({ location, date, id }) => `${location}/${date}/${id}`).sort();

let handler: ApiHandler;
beforeAll(async () => {
  const [dailyRows, alertRows, stationRows, ruleRows] = [
    await newTable(),
    await newTable(),
    await newTable(),
    await newTable(),
  ];
  const store = dynamoStore({
    ...halfMinute(),
    client: dynamodb,
    stateTable: await newTable(STATE_TABLE),
    tables: { [alertLogTable.name]: alertRows, [daily.name]: dailyRows },
    forgetAfterMs: 60_000,
  });
  // As processors write them.
  const write = (collection: string, partitionKey: string, key: string, row: unknown) => ({
    ...{ collection, partitionKey, key, state: JSON.stringify(row), ledger: { lane: '7' } },
    ...{ timerMs: undefined, expected: 0, writtenAtMs: Date.now() },
  });
  await store.write([
    ...ALERTS.map((alert) =>
      write(alertLogTable.name, alert.location, `${alert.location}/${alert.date}/${alert.id}`, alert),
    ),
    write(daily.name, 'US-AZ', 'US-AZ/2016-01-01', { location: 'US-AZ', date: '2016-01-01', observations: 2 }),
  ]);
  await servingTable(dynamodb, stationRows).put(STATIONS.map((station) => ({ key: station.id, value: station })));
  Object.assign(
    process.env,
    apiEnvironmentVariables({
      tables: { [daily.name]: dailyRows, [alertLogTable.name]: alertRows },
      references: { [stations.name]: stationRows, [alertRules.name]: ruleRows },
      cursorSecret: await newSecret(randomUUID() + randomUUID()),
    }),
  );
  ({ handler } = await import('../../../functions/weather/handlers/api.ts'));
});

afterAll(async () => {
  await deleteTables(dynamodb, tables);
  for (const SecretId of arns) {
    await secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
  }
  dynamodb.destroy();
  secrets.destroy();
});

describe('the deployed query API', () => {
  test('reads a row that a processor has filled, and says when it has none', async () => {
    expect(await call(handler, '/tables/weather-daily/US-AZ%2F2016-01-01')).toMatchObject({
      status: 200,
      body: { key: 'US-AZ/2016-01-01', value: { location: 'US-AZ', date: '2016-01-01', observations: 2 } },
    });
    for (const key of ['US-AZ/2016-01-0', 'US-AZ/2016-01-01/', 'US-AZ/2016-01-01%01']) {
      expect(errorCode(await call(handler, `/tables/weather-daily/${key}`))).toBe('no-such-row');
    }
    expect(errorCode(await call(handler, '/tables/weather-observations/x'))).toBe('no-such-table');
  });

  test('pages through a table, each row once, in the order of keys, whatever the size of a page', async () => {
    for (const limit of [1, 7, 40, 41]) {
      const pages = await pagesOf(handler, `/tables/weather-alert-log?limit=${String(limit)}`);
      expect(pages.flat()).toEqual(ALERT_KEYS);
      expect(pages).toHaveLength(Math.ceil(ALERT_KEYS.length / limit));
    }
    const some = '/tables/weather-alert-log?from=US-AZ/2016-01-05&to=US-AZ/2016-01-07';
    expect(keysOf(await call(handler, some))).toEqual(ALERT_KEYS.filter((key) => /-0[56]\//u.test(key)));
  });

  test('finds the alerts of a place and of a station', async () => {
    expect(keysOf(await call(handler, '/alerts?location=US-AZ&from=2016-01-19'))).toEqual(
      ALERT_KEYS.filter((key) => /^US-AZ\/2016-01-(?:19|20)/u.test(key)),
    );
    expect((await pagesOf(handler, `/alerts?station=${TUCSON}&limit=6`)).flat()).toEqual(
      ALERT_KEYS.filter((key) => key.includes(TUCSON)),
    );
    expect(errorCode(await call(handler, '/alerts?station=USC00000000'))).toBe('no-such-station');
  });

  test('makes, lists and removes a rule', async () => {
    const rule = {
      id: 'k\u00e4lte/50%',
      email: 'a@example.org',
      element: 'TMIN',
      op: '<',
      threshold: -3,
      mode: 'every',
    };
    const url = `/rules/${encodeURIComponent(rule.id)}`;
    const put = { method: 'PUT', url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(rule) };
    expect((await call(handler, put)).status).toBe(200);
    expect(await call(handler, url)).toMatchObject({ status: 200, body: { key: rule.id, value: rule } });
    expect(await call(handler, '/rules')).toMatchObject({ body: { rows: [{ key: rule.id, value: rule }] } });
    expect((await call(handler, { method: 'DELETE', url })).status).toBe(204);
    expect((await call(handler, { method: 'DELETE', url })).status).toBe(404);
    expect(keysOf(await call(handler, '/rules'))).toEqual([]);
  });
});

describe('the secret of cursors', () => {
  test('is fetched once, and a fetch that failed is tried again', async () => {
    const arn = await newSecret('short');
    const secret = cursorSecret(() => secrets, arn);
    await expect(secret()).rejects.toThrow(/must have 32 bytes or more, got 5/u);
    await secrets.send(new PutSecretValueCommand({ SecretId: arn, SecretString: 'x'.repeat(64) }));
    expect(Buffer.from(await secret()).toString()).toBe('x'.repeat(64));
    await secrets.send(new PutSecretValueCommand({ SecretId: arn, SecretString: 'y'.repeat(64) }));
    expect(Buffer.from(await secret()).toString()).toBe('x'.repeat(64));
  });
});
