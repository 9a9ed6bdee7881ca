import { answers } from '../support/answers.ts';

/** Whether an endpoint is LocalStack. MiniStack answers at LocalStack's addresses too, and at its own. */
export const isLocalstack = async (endpointUrl: string): Promise<boolean> =>
  !(await answers(`${endpointUrl}/_ministack/health`)) && (await answers(`${endpointUrl}/_localstack/health`));
