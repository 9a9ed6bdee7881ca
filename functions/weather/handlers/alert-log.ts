import { lambda } from '../../../shared/runtime/lambda/lambda.ts';
import { alertLog } from '../alert-log.ts';

export const handler = lambda(alertLog);
