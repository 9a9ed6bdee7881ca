import { expect, test } from '@jest/globals';
import {
  apiEnvironmentVariables,
  readApiEnvironment,
  type ApiEnvironment,
} from '../../../../shared/runtime/lambda/environment.ts';
import { deployedTables } from '../../../../shared/runtime/lambda/api/deployed-tables.ts';

const ENVIRONMENT: ApiEnvironment = {
  tables: { 'shop-totals': 'totals-1' },
  references: { 'shop-prices': 'prices-1' },
  cursorSecret: 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:cursors-abc',
};

test('what infrastructure writes is what the function reads', () => {
  expect(readApiEnvironment(apiEnvironmentVariables(ENVIRONMENT))).toEqual(ENVIRONMENT);
});

test('every variable that is missing or wrong is named, with its value and what it must be', () => {
  expect(() => readApiEnvironment({ MILLRACE_TABLES: '[]', MILLRACE_CURSOR_SECRET: '' })).toThrow(
    'MILLRACE_TABLES is \'[]\': must be a JSON object of names, for example {"orders":"shop-orders"}; ' +
      'MILLRACE_REFERENCES is not set: must be set; ' +
      "MILLRACE_CURSOR_SECRET is '': must not be empty. Deploy it again.",
  );
});

test('only tables of the environment can be read, and only its references can be changed', () => {
  const tables = deployedTables(apiEnvironmentVariables(ENVIRONMENT));
  expect(
    ['shop-totals', 'shop-prices', 'totals-1', '__proto__', 'constructor', ''].map(
      (name) => tables.table(name) !== undefined,
    ),
  ).toEqual([true, true, false, false, false, false]);
  expect(() => tables.reference({ name: 'shop-totals' })).toThrow(
    /MILLRACE_REFERENCES does not name table 'shop-totals'/u,
  );
  expect(() => tables.filled({ name: 'shop-prices' })).toThrow(/MILLRACE_TABLES does not name table 'shop-prices'/u);
});
