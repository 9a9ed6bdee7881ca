import { expect, test } from '@jest/globals';
import { awsErrorOf, withAwsErrors } from '../../../cli/aws/calls.ts';
import { CommandError } from '../../../cli/errors/command-error.ts';

const answer = (name: string, message = 'because'): Error =>
  Object.assign(new Error(message), { name, $fault: 'client', $metadata: { httpStatusCode: 400 } });
const failure = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code });

test.each([
  [
    Object.assign(new Error('Could not load credentials from any providers'), { name: 'CredentialsProviderError' }),
    /^no credentials were found .*; set AWS_PROFILE/,
  ],
  [new Error('Region is missing'), /^no region is set while .*; set AWS_REGION/],
  [answer('ExpiredTokenException'), /^the credentials have expired while .*; get new ones/],
  [answer('ExpiredToken'), /^the credentials have expired/],
  [answer('InvalidClientTokenId'), /^AWS refuses the credentials \(InvalidClientTokenId: because\)/],
  [
    answer('AccessDeniedException', 'User x is not authorized to perform: kinesis:PutRecords'),
    /^not permitted \(User x .*kinesis:PutRecords\) while/,
  ],
  [failure('ECONNREFUSED'), /^the endpoint does not answer \(ECONNREFUSED: .*check the network/],
  [answer('ProvisionedThroughputExceededException'), /^AWS throttles .*wait a minute/],
  [
    new Error('7 rows could not be written', { cause: new Error('DynamoDB left 7 rows unprocessed') }),
    /^AWS throttles \(DynamoDB left 7 rows unprocessed\) while/,
  ],
  [
    answer('ResourceNotFoundException', 'Stream a not found'),
    /^something of the deployment is gone \(Stream a not found\)/,
  ],
  [answer('ValidationException', 'two\nlines'), /^AWS answered ValidationException: two lines while trying it; see/],
])('%s is reported with what was done and what to do', async (cause, message) => {
  const reported = awsErrorOf('trying it', cause);
  expect(reported).toBeInstanceOf(CommandError);
  expect(reported?.message).toMatch(message);
  expect(reported?.message).toContain(' while trying it; ');
  await expect(withAwsErrors('trying it', () => Promise.reject(cause))).rejects.toThrow(message);
});

test('an error that is not of AWS passes as it is', async () => {
  const bug = new TypeError('x is not a function');
  expect(awsErrorOf('trying it', bug)).toBeUndefined();
  await expect(withAwsErrors('trying it', () => Promise.reject(bug))).rejects.toBe(bug);
});
