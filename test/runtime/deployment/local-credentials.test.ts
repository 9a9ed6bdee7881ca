import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { enterLocalCredentials, localCredentials } from '../../../shared/runtime/deployment/local-credentials.ts';

const before = { ...process.env };
const awsVariables = (): readonly [string, string | undefined][] =>
  Object.entries(process.env).filter(([name]) => name.startsWith('AWS_'));

beforeEach(() => {
  for (const [name] of awsVariables()) Reflect.deleteProperty(process.env, name);
});
afterEach(() => {
  for (const [name] of awsVariables()) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, before);
});

test('an endpoint of this machine gets dummy credentials, and none of a profile', () => {
  process.env['AWS_PROFILE'] = 'production';
  process.env['AWS_SESSION_TOKEN'] = 'token';
  enterLocalCredentials();
  expect(Object.fromEntries(awsVariables())).toEqual({
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
  });
});

test('credentials and region that are given stay, a profile beside them too', () => {
  const given = {
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_PROFILE: 'p',
  };
  expect(localCredentials(given)).toEqual({ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1' });
});
