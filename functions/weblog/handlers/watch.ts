import { lambda, wholeNumberVariable } from '../../../shared/lambda.ts';
import { watch } from '../watch.ts';

const graceMinutes = wholeNumberVariable({ name: 'WEBLOG_GRACE_MINUTES', from: 0, to: 1440, otherwise: 5 });

export const handler = lambda(watch({ graceMs: graceMinutes * 60_000 }));
