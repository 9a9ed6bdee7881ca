import { lambda } from '../../../shared/runtime/lambda/lambda.ts';
import { wholeNumberVariable } from '../../../shared/runtime/lambda/environment.ts';
import { countTraffic } from '../traffic.ts';

const graceMinutes = wholeNumberVariable({ name: 'WEBLOG_GRACE_MINUTES', from: 0, to: 1440, otherwise: 5 });

export const handler = lambda(countTraffic({ graceMs: graceMinutes * 60_000 }));
