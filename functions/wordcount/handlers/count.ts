import { lambda } from '../../../shared/lambda.ts';
import { count } from '../topology.ts';

export const handler = lambda(count);
