import { describe, expect, test } from '@jest/globals';
import { checkLeadsToAws, leadsToThisMachine, localEnvironment } from '../../../infra/commands/endpoint.ts';

describe('a local command is refused while any call could leave the machine:', () => {
  const local = { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' };
  const cases: readonly (readonly [what: string, env: Readonly<Record<string, string>>, message: RegExp])[] = [
    ['no endpoint', {}, /AWS_ENDPOINT_URL is not set/u],
    ['an empty endpoint', { AWS_ENDPOINT_URL: '' }, /AWS_ENDPOINT_URL is not set/u],
    [
      'an endpoint elsewhere',
      { AWS_ENDPOINT_URL: 'https://kinesis.us-east-1.amazonaws.com' },
      /AWS_ENDPOINT_URL is https:\/\/kinesis\.us-east-1\.amazonaws\.com, which is not on this machine/u,
    ],
    ['a name that looks local', { AWS_ENDPOINT_URL: 'http://localhost.example.org' }, /not on this machine/u],
    ['an address that looks local', { AWS_ENDPOINT_URL: 'http://127.0.0.1.example.org' }, /not on this machine/u],
    [
      'one service elsewhere',
      { ...local, AWS_ENDPOINT_URL_S3: 'https://s3.amazonaws.com' },
      /AWS_ENDPOINT_URL_S3 is https:\/\/s3\.amazonaws\.com/u,
    ],
    ['only one service here', { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:4566' }, /AWS_ENDPOINT_URL is not set/u],
    [
      'endpoints that are ignored',
      { ...local, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      /so calls would go to AWS; unset it/u,
    ],
  ];
  test.each(cases)('%s', (_, env, message) => {
    expect(() => localEnvironment(env)).toThrow(message);
  });
});

test.each(['http://localhost:4566', 'http://127.0.0.1:4566', 'http://127.8.9.10:1', 'http://[::1]:4566'])(
  '%s is this machine',
  (url) => {
    expect(localEnvironment({ AWS_ENDPOINT_URL: url })).toMatchObject({ AWS_ENDPOINT_URL: url });
  },
);

test('an emulator gets test credentials and a region if none are set, and never the real ones of a profile', () => {
  expect(
    localEnvironment({ AWS_ENDPOINT_URL: 'http://127.0.0.1:4566', AWS_PROFILE: 'production', HOME: '/h' }),
  ).toEqual({
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    HOME: '/h',
  });
});

test('credentials and a region that are set are used', () => {
  const given = {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    AWS_ACCESS_KEY_ID: '111111111111',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: 'eu-west-1',
  };
  expect(localEnvironment(given)).toEqual({ ...given, AWS_DEFAULT_REGION: 'eu-west-1' });
});

test('without an endpoint a command reaches AWS; an endpoint elsewhere is refused', () => {
  expect(leadsToThisMachine({})).toBe(false);
  expect(leadsToThisMachine({ AWS_ENDPOINT_URL: 'http://localhost:4566' })).toBe(true);
  expect(() => leadsToThisMachine({ AWS_ENDPOINT_URL: 'http://10.0.0.1:4566' })).toThrow(/not on this machine/u);
});

test('a deployment to AWS never ends at an endpoint of this machine', () => {
  expect(() => {
    checkLeadsToAws({ AWS_ENDPOINT_URL_KINESIS: 'http://localhost:4566' });
  }).toThrow(/AWS_ENDPOINT_URL_KINESIS is http:\/\/localhost:4566.*npm run deploy:local/u);
  expect(() => {
    checkLeadsToAws({ AWS_ENDPOINT_URL_S3: 'https://bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com' });
  }).not.toThrow();
});
