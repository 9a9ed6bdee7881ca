import { lambda } from '../../../shared/runtime/lambda/lambda.ts';
import { siteTop } from '../top-pages.ts';

export const handler = lambda(siteTop);
