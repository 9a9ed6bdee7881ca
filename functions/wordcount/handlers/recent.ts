import { lambda } from '../../../shared/runtime/lambda/lambda.ts';
import { countRecent } from '../topology.ts';

export const handler = lambda(countRecent);
