import { describe, expect, test } from '@jest/globals';
import { checkTarget, type Target } from '../../../cli/aws/target.ts';

const local = { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' };

test.each([
  ['local', local],
  ['local', { AWS_ENDPOINT_URL: 'http://localhost:4566' }],
  ['local', { ...local, AWS_ENDPOINT_URL_S3: 'http://[::1]:4566' }],
  ['aws', {}],
  ['aws', { AWS_ENDPOINT_URL: '' }],
  ['aws', { AWS_ENDPOINT_URL: 'https://vpce-1.kinesis.us-east-1.vpce.amazonaws.com' }],
] satisfies [Target, Record<string, string>][])('target %s goes with %j', (target, env) => {
  expect(() => {
    checkTarget(target, env);
  }).not.toThrow();
});

describe('an environment that leads elsewhere is refused with the variable, its value and what to do', () => {
  test.each([
    ['local', {}, /--target local, but AWS_ENDPOINT_URL is not set; set it to .* http:\/\/127\.0\.0\.1:4566/],
    [
      'local',
      { AWS_ENDPOINT_URL: 'https://kinesis.us-east-1.amazonaws.com' },
      /is https:\/\/kinesis.* not on this machine/,
    ],
    ['local', { AWS_ENDPOINT_URL: 'http://localhost.localstack.cloud:4566' }, /not on this machine/],
    ['local', { AWS_ENDPOINT_URL: 'http://127.0.0.1.example.org' }, /not on this machine/],
    ['local', { AWS_ENDPOINT_URL: 'http://127.0.0.1@example.org' }, /not on this machine/],
    ['local', { ...local, AWS_ENDPOINT_URL_S3: 'https://s3.amazonaws.com' }, /AWS_ENDPOINT_URL_S3 is https:\/\/s3/],
    ['local', { ...local, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, /would go to AWS; unset it/],
    ['aws', local, /--target aws, but AWS_ENDPOINT_URL is http:\/\/127.*unset it, or say --target local/],
    ['aws', { AWS_ENDPOINT_URL_KINESIS: 'http://localhost:1' }, /AWS_ENDPOINT_URL_KINESIS is/],
  ] satisfies [Target, Record<string, string>, RegExp][])('%s with %j', (target, env, message) => {
    expect(() => {
      checkTarget(target, env);
    }).toThrow(message);
  });
});
