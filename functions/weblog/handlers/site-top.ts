import { lambda } from '../../../shared/lambda.ts';
import { siteTop } from '../top-pages.ts';

export const handler = lambda(siteTop);
