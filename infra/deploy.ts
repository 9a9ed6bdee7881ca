import { approval } from './approval.ts';
import { checkLeadsToAws } from './local-endpoint.ts';
import { runCdk } from './run-cdk.ts';
import { runScript } from './run-script.ts';

await runScript(() => {
  checkLeadsToAws(process.env);
  const options = [...process.argv.slice(2), '-c', 'target=aws'];
  return runCdk(process.env, ['deploy', '--all', ...approval('broadening', options), ...options]);
});
