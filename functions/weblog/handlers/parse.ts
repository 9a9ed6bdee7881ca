import { lambda } from '../../../shared/lambda.ts';
import { parse } from '../parse.ts';

export const handler = lambda(parse);
