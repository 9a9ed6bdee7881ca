import { lambda, wholeNumberVariable } from '../../../shared/lambda.ts';
import { countTraffic } from '../traffic.ts';

const graceMinutes = wholeNumberVariable({ name: 'WEBLOG_GRACE_MINUTES', from: 0, to: 1440, otherwise: 5 });

export const handler = lambda(countTraffic({ graceMs: graceMinutes * 60_000 }));
