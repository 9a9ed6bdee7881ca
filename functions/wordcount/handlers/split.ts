import { lambda } from '../../../shared/runtime/lambda/lambda.ts';
import { split } from '../topology.ts';

export const handler = lambda(split);
