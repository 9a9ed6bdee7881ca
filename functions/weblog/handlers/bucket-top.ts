import { lambda } from '../../../shared/runtime/lambda/lambda.ts';
import { bucketTop } from '../top-pages.ts';

export const handler = lambda(bucketTop);
