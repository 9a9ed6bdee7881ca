import { RemovalPolicy } from 'aws-cdk-lib';
import type { DeploymentContext } from './context.ts';

/** Whether data must survive a mistake: on AWS, in every stage but `dev`. */
export const keepsData = ({ target, stage }: Pick<DeploymentContext, 'target' | 'stage'>): boolean =>
  target === 'aws' && stage !== 'dev';

/** What happens to a resource that holds data when it leaves the stack, or the stack is deleted. */
export const dataPolicy = (context: DeploymentContext): RemovalPolicy =>
  keepsData(context) ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
