import { lambda } from '../../../shared/runtime/lambda/lambda.ts';
import { count } from '../topology.ts';

export const handler = lambda(count);
