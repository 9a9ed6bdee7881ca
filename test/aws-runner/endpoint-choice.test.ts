import { describe, expect, test } from '@jest/globals';
import { chooseEndpoint, DEFAULT_IMAGE, type Found } from '../aws/support/endpoint-choice.ts';

const everything: Found = {
  givenUrl: 'http://127.0.0.1:4566',
  dockerProblem: undefined,
  image: undefined,
  ministack: '/opt/bin/ministack',
  isRequired: false,
};

describe('where the tests against AWS run', () => {
  test.each([
    'http://127.0.0.1:4566',
    'http://localhost:4566',
    'https://localhost',
    'http://[::1]:4566',
    'http://127.8.9.1',
  ])('an endpoint of this machine that is given comes before all others: %s', (givenUrl) => {
    expect(chooseEndpoint({ ...everything, givenUrl })).toEqual({ kind: 'given', url: givenUrl });
  });

  test.each([
    'https://kinesis.us-east-1.amazonaws.com',
    'http://localhost.example.org:4566',
    'http://127.0.0.1.example.org',
    'http://127.0.0.1@example.org',
    'http://10.0.0.7:4566',
    'http://0.0.0.0:4566',
    'ftp://localhost:4566',
    'localhost:4566',
    'nonsense',
  ])('an endpoint elsewhere is refused, whatever else there is: %s', (givenUrl) => {
    const choice = chooseEndpoint({ ...everything, givenUrl });
    expect(choice.kind).toBe('refused');
    expect(choice).toHaveProperty('reason', expect.stringContaining(`'${givenUrl}'`));
  });

  test.each([undefined, ''])('Docker comes before a MiniStack of this machine (AWS_ENDPOINT_URL: %p)', (givenUrl) => {
    expect(chooseEndpoint({ ...everything, givenUrl })).toEqual({
      kind: 'container',
      flavour: 'localstack',
      image: DEFAULT_IMAGE,
    });
  });

  test('the default image is pinned to a version', () => {
    expect(DEFAULT_IMAGE).toMatch(/^localstack\/localstack:\d+\.\d+\.\d+$/);
  });

  test.each([
    ['localstack/localstack:4.13.1', 'localstack'],
    ['mirror.example.org/localstack/localstack@sha256:00', 'localstack'],
    ['ministackorg/ministack:1.4.21', 'ministack'],
    ['ministack', 'ministack'],
    ['mirror.example.org:5000/ministackorg/ministack@sha256:00', 'ministack'],
    ['ministack/localstack:1', 'localstack'],
  ])('another image may be named, and is started as what it is: %s', (image, flavour) => {
    expect(chooseEndpoint({ ...everything, givenUrl: undefined, image })).toEqual({
      kind: 'container',
      flavour,
      image,
    });
  });

  const noDocker: Found = { ...everything, givenUrl: undefined, dockerProblem: 'no Docker (no daemon answers)' };

  test('without Docker, MiniStack runs as a process', () => {
    expect(chooseEndpoint(noDocker)).toEqual({ kind: 'process', program: '/opt/bin/ministack' });
  });

  test('where there is nothing, the run is skipped and says why and what to install', () => {
    const choice = chooseEndpoint({ ...noDocker, ministack: undefined });
    expect(choice.kind).toBe('skipped');
    expect(choice).toHaveProperty('reason', expect.stringMatching(/no Docker \(no daemon answers\).*pip install/u));
  });

  test('where a run is required, nothing to run on is a failure', () => {
    expect(chooseEndpoint({ ...noDocker, ministack: undefined, isRequired: true }).kind).toBe('refused');
  });
});
