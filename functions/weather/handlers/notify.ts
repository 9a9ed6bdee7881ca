import { lambda } from '../../../shared/runtime/lambda/lambda.ts';
import { notify } from '../notify.ts';

export const handler = lambda(notify);
