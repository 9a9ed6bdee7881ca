import { lambda } from '../../../shared/lambda.ts';
import { bucketTop } from '../top-pages.ts';

export const handler = lambda(bucketTop);
