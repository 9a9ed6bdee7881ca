import { RemovalPolicy } from 'aws-cdk-lib';
import { keepsData, type DeploymentContext } from './context.ts';

/** What becomes of a resource that holds data when it leaves the stack, or the stack is deleted. */
export const dataPolicy = (context: DeploymentContext): RemovalPolicy =>
  keepsData(context) ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
