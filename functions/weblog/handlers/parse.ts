import { lambda } from '../../../shared/runtime/lambda/lambda.ts';
import { parse } from '../parse.ts';

export const handler = lambda(parse);
