import { DeploymentError } from './deployment-error.ts';

const FOR_PEOPLE = /^(?:ECONNREFUSED|ENOTFOUND|ETIMEDOUT|ERR_PARSE_ARGS_[A-Z_]+)$/u;

/** All that the SDK says where none is set; its error has neither name nor code of its own. */
const NO_REGION = 'Region is missing';

/** What a person can put right: our own refusals and AWS's, no credentials or connection, options that there are not. */
const isExpected = (error: unknown): error is Error => {
  if (!(error instanceof Error)) return false;
  if (error instanceof DeploymentError || '$fault' in error || error.name === 'CredentialsProviderError') return true;
  if (error.message === NO_REGION) return true;
  return 'code' in error && typeof error.code === 'string' && FOR_PEOPLE.test(error.code);
};

/** What to do about an error of the SDK, which does not say it. */
const remedyFor = (error: Error): string => {
  if (error.message === NO_REGION) return '; set AWS_REGION, for example AWS_REGION=us-east-1';
  if (error.name !== 'CredentialsProviderError') return '';
  return '; sign in as for the AWS command line, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
};

/** Runs a script to its end. The exit code is 1 where it answers false, or with an error for people, which is shown without a stack trace. */
export const runScript = async (script: () => boolean | Promise<boolean>): Promise<void> => {
  try {
    if (!(await script())) process.exitCode = 1;
  } catch (error) {
    if (!isExpected(error)) throw error;
    process.stderr.write(`${error.message === '' ? error.name : error.message}${remedyFor(error)}\n`);
    process.exitCode = 1;
  }
};
