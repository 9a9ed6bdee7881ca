import { lambda } from '../../../shared/runtime/lambda/lambda.ts';
import { enrich } from '../enrich.ts';

export const handler = lambda(enrich);
