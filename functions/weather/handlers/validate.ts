import { lambda } from '../../../shared/runtime/lambda/lambda.ts';
import { validate } from '../validate.ts';

export const handler = lambda(validate);
