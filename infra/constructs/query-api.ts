import { Annotations, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { apiEnvironmentVariables } from '../../shared/runtime/lambda/environment.ts';
import type { DeploymentContext } from '../deployment/context.ts';
import { EDIT_ROWS, READ_ROWS } from '../grants/row-actions.ts';
import { resourceOf, textsOf, type TopologyResources } from '../grants/topology-resources.ts';
import { CursorSecret } from './cursor-secret.ts';
import { MillraceFunction } from './millrace-function.ts';

/** What a pipeline lets clients read and change. */
export interface QueryApiDescription {
  /** Names of the tables it reads that processors fill. */
  readonly tables: readonly string[];
  /** Names of the reference tables that it reads. */
  readonly references: readonly string[];
  /** Names of those reference tables that it also changes. */
  readonly edited: readonly string[];
  readonly routes: readonly { readonly method: 'GET' | 'PUT' | 'DELETE'; readonly path: string }[];
}

/** Options of {@link QueryApi}. */
export interface QueryApiProps {
  readonly description: QueryApiDescription;
  readonly resources: TopologyResources;
  readonly code: Code;
  readonly context: DeploymentContext;
}

/** Requests per second, and burst: a response reads up to some hundred rows, and each read costs. */
const THROTTLE = { rateLimit: 50, burstLimit: 100 };

/** Enough for a page of a large table in a throttled account; API Gateway itself waits 30 seconds. */
const TIMEOUT = Duration.seconds(20);

const MEMORY_MB = 512;

const METHODS = { GET: HttpMethod.GET, PUT: HttpMethod.PUT, DELETE: HttpMethod.DELETE } as const;

/** Tables over HTTP, for callers that IAM admits. */
export class QueryApi extends Construct {
  /** Without a trailing `/`. */
  readonly url: string;
  readonly apiId: string;

  constructor(scope: Construct, id: string, { description, resources, code, context }: QueryApiProps) {
    super(scope, id);
    const { tables, references } = resources;
    const secret = new CursorSecret(this, 'CursorSecret', { context });
    const handler = new MillraceFunction(this, 'Function', {
      description: 'Millrace query API',
      code,
      environment: apiEnvironmentVariables({
        tables: textsOf(tables, description.tables, ({ tableName }) => tableName),
        references: textsOf(references, description.references, ({ tableName }) => tableName),
        cursorSecret: secret.arnForFunctions,
      }),
      memoryMb: MEMORY_MB,
      timeout: TIMEOUT,
      reservedConcurrency: undefined,
    });
    const edited = description.edited.map((name) => resourceOf(references, name).tableArn);
    const read = [
      ...description.tables.map((name) => resourceOf(tables, name).tableArn),
      ...description.references.map((name) => resourceOf(references, name).tableArn),
    ];
    for (const [actions, arns] of [
      [READ_ROWS, read],
      [EDIT_ROWS, edited],
      [['secretsmanager:GetSecretValue'], [secret.secretArn]],
    ] as const) {
      if (arns.length > 0) {
        handler.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [...arns] }));
      }
    }

    const api = new HttpApi(this, 'Api', { apiName: Stack.of(this).stackName, createDefaultStage: false });
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, 'Stage', {
      httpApi: api,
      autoDeploy: true,
      throttle: THROTTLE,
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(LOG_FORMAT),
      },
    });
    const integration = new HttpLambdaIntegration('Integration', handler, { scopePermissionToRoute: false });
    const signed = new HttpIamAuthorizer();
    // An API open for reading is not open for changes.
    const reading = context.apiAuth === 'iam' ? signed : new HttpNoneAuthorizer();
    for (const { method, path } of description.routes) {
      const authorizer = method === 'GET' ? reading : signed;
      api.addRoutes({ path, methods: [METHODS[method]], integration, authorizer });
    }
    if (context.apiAuth === 'none') this.#explainOpenness(context);
    this.url = api.apiEndpoint;
    this.apiId = api.apiId;
  }

  #explainOpenness({ target }: DeploymentContext): void {
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: '-c apiAuth=none asks for an API that everyone may read.',
    });
    if (target === 'aws') {
      Annotations.of(this).addWarningV2(
        'millrace:open-api',
        'apiAuth=none: everyone who knows the URL of the query API can read the tables, and with the rules the addresses in them',
      );
    }
  }
}

const LOG_FORMAT = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  caller: '$context.identity.userArn',
  route: '$context.routeKey',
  path: '$context.path',
  status: '$context.status',
  bytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
});
