import { RemovalPolicy, Validations, type Duration } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Function as LambdaFunction,
  Runtime,
  type Code,
  type ILayerVersion,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** The network a function is in; without a VPC, Lambda's own. */
export interface FunctionNetwork {
  /** It must have ways to Kinesis, DynamoDB, S3 and SNS: NAT, or endpoints. */
  readonly vpc?: IVpc | undefined;
  /** @default - the private subnets of the VPC */
  readonly subnets?: SubnetSelection | undefined;
  /** @default - one of each function's own, which lets everything out and nothing in */
  readonly securityGroups?: readonly ISecurityGroup[] | undefined;
}

/** Options of {@link MillraceFunction}. */
export interface MillraceFunctionProps extends FunctionNetwork {
  readonly description: string;
  /** A bundle: `index.js` with a handler, and its source map. */
  readonly code: Code;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeout: Duration;
  /** Undefined: the function shares the account's concurrency. */
  readonly reservedConcurrency: number | undefined;
  readonly layers?: readonly ILayerVersion[] | undefined;
}

/** A function with its own log group, and a role that may only write to that log group until it is granted more. */
export class MillraceFunction extends LambdaFunction {
  readonly logs: LogGroup;

  constructor(scope: Construct, id: string, props: MillraceFunctionProps) {
    const { vpc, subnets, securityGroups, layers } = props;
    const logs = new LogGroup(scope, `${id}Logs`, {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // The CDK's default role has a managed policy that may write to every log group of the account.
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logs.logGroupArn],
      }),
    );
    if (vpc !== undefined) allowNetworkInterfaces(role);
    super(scope, id, {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: props.code,
      handler: 'index.handler',
      environment: { NODE_OPTIONS: '--enable-source-maps', ...props.environment },
      memorySize: props.memoryMb,
      timeout: props.timeout,
      role,
      logGroup: logs,
      ...(props.reservedConcurrency !== undefined && { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...(vpc !== undefined && { vpc }),
      ...(subnets !== undefined && { vpcSubnets: subnets }),
      ...(securityGroups !== undefined && { securityGroups: [...securityGroups] }),
      ...(layers !== undefined && { layers: [...layers] }),
    });
    this.logs = logs;
  }
}

/** What Lambda needs to connect a function to a VPC. */
const allowNetworkInterfaces = (role: Role): void => {
  role.addToPolicy(
    new PolicyStatement({
      actions: [
        'ec2:AssignPrivateIpAddresses',
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:UnassignPrivateIpAddresses',
      ],
      resources: ['*'],
    }),
  );
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'EC2 describes network interfaces of the whole account or none, and those of a function have no name beforehand.',
  });
};
