import { lambda } from '../../../shared/runtime/lambda/lambda.ts';
import { wholeNumberVariable } from '../../../shared/runtime/lambda/environment.ts';
import { assemble } from '../assemble.ts';

const graceDays = wholeNumberVariable({ name: 'WEATHER_GRACE_DAYS', from: 0, to: 366, otherwise: 1 });

export const handler = lambda(assemble({ graceDays }));
