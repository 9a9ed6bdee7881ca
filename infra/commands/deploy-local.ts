import { approval, runCdk } from './cdk.ts';
import { localEnvironment } from './endpoint.ts';
import { runScript } from './run-script.ts';

/** The account of local endpoints, for credentials that name none. */
const LOCAL_ACCOUNT = '000000000000';

await runScript(() => {
  const env = localEnvironment(process.env);
  const { AWS_ACCESS_KEY_ID: key = '', AWS_REGION: region = '' } = env;
  // Emulators read an access key of 12 digits as the account.
  const account = /^\d{12}$/u.test(key) ? key : LOCAL_ACCOUNT;
  const options = [...process.argv.slice(2), '-c', 'target=local'];
  return (
    runCdk(env, ['bootstrap', `aws://${account}/${region}`, '--ci']) &&
    runCdk(env, ['deploy', '--all', ...approval('never', options), '--ci', ...options])
  );
});
