import { lambda } from '../../../shared/runtime/lambda/lambda.ts';
import { alert } from '../alert.ts';

export const handler = lambda(alert);
