import { expect, test } from '@jest/globals';
import { localEnvironment } from '../aws/support/local-environment.ts';

test('nothing of AWS that the machine has reaches tests, emulators and the functions in them', () => {
  const env = localEnvironment({
    PATH: '/bin',
    AWS_PROFILE: 'production',
    AWS_ACCESS_KEY_ID: 'AKIAREAL',
    AWS_SESSION_TOKEN: 'real',
    AWS_ENDPOINT_URL: '',
    AWS_ENDPOINT_URL_S3: 'https://s3.us-east-1.amazonaws.com',
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
  });
  expect(env).toMatchObject({ PATH: '/bin', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']) {
    expect(env).not.toHaveProperty(name);
  }
  expect(Object.keys(env).filter((name) => name.startsWith('AWS_ENDPOINT_URL'))).toEqual([]);
});
