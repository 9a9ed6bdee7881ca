import { approval } from './approval.ts';
import { LOCAL_ACCOUNT, localEnvironment } from './local-endpoint.ts';
import { runCdk } from './run-cdk.ts';
import { runScript } from './run-script.ts';

await runScript(() => {
  const env = localEnvironment(process.env);
  const { AWS_ACCESS_KEY_ID: key = '', AWS_REGION: region = '' } = env;
  // Emulators take an access key that looks like an account for that account.
  const account = /^\d{12}$/u.test(key) ? key : LOCAL_ACCOUNT;
  const options = [...process.argv.slice(2), '-c', 'target=local'];
  return (
    runCdk(env, ['bootstrap', `aws://${account}/${region}`, '--ci']) &&
    runCdk(env, ['deploy', '--all', ...approval('never', options), '--ci', ...options])
  );
});
