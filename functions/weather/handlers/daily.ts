import { lambda } from '../../../shared/runtime/lambda/lambda.ts';
import { dailyExtremes } from '../daily.ts';

export const handler = lambda(dailyExtremes);
