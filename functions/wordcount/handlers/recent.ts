import { lambda } from '../../../shared/lambda.ts';
import { countRecent } from '../topology.ts';

export const handler = lambda(countRecent);
