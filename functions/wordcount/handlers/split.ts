import { lambda } from '../../../shared/lambda.ts';
import { split } from '../topology.ts';

export const handler = lambda(split);
