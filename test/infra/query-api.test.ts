import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { afterEach, expect, jest, test } from '@jest/globals';
import { plain } from './support/plain.ts';
import { projectApp, weatherStack, WeatherTemplate } from './support/weather-template.ts';

const template = new WeatherTemplate();

const ROUTES = [
  'GET /tables/{proxy+}',
  'GET /alerts',
  'GET /rules',
  'PUT /rules',
  'DELETE /rules',
  'GET /rules/{proxy+}',
  'PUT /rules/{proxy+}',
  'DELETE /rules/{proxy+}',
];

test('there are no routes but those of the API, and IAM stands before each of them', () => {
  const routes = template.ofType('AWS::ApiGatewayV2::Route').map(({ properties }) => properties);
  expect(routes.map((one) => one['RouteKey']).sort()).toEqual([...ROUTES].sort());
  expect(routes.filter((one) => one['AuthorizationType'] !== 'AWS_IAM')).toEqual([]);
});

test('the API is throttled, and every call of it is logged with its caller', () => {
  const { properties } = template.one('AWS::ApiGatewayV2::Stage', 'QueryApiStage');
  expect(plain(properties)).toMatchObject({
    DefaultRouteSettings: { ThrottlingBurstLimit: 100, ThrottlingRateLimit: 50 },
    AccessLogSettings: {
      DestinationArn: 'QueryApiAccessLog.Arn',
      Format: expect.stringContaining('"caller":"$context.identity.userArn"'),
    },
  });
});

test('only API Gateway may call the function, and only for this API', () => {
  const permissions = template.ofType('AWS::Lambda::Permission').map(({ properties }) => plain(properties));
  expect(permissions).toEqual([
    {
      Action: 'lambda:InvokeFunction',
      FunctionName: 'QueryApiFunction.Arn',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: expect.stringMatching(/:execute-api:AWS::Region:AWS::AccountId:QueryApi\/\*\/\*\/\*$/u),
    },
  ]);
});

test('the secret of the cursors is made by AWS and stands in no template', () => {
  expect(template.one('AWS::SecretsManager::Secret', 'QueryApiCursorSecret').properties).toMatchObject({
    GenerateSecretString: { PasswordLength: 64 },
  });
  expect(template.one('AWS::SecretsManager::Secret', 'QueryApiCursorSecret').properties).not.toHaveProperty(
    'SecretString',
  );
});

afterEach(() => {
  jest.restoreAllMocks();
});

test('an API that everybody reads has to be asked for, is warned of on AWS, and is changed by nobody without IAM', () => {
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const open = new WeatherTemplate({ apiAuth: 'none' });
  const routes = open.ofType('AWS::ApiGatewayV2::Route').map(({ properties }) => properties);
  for (const { RouteKey: key, AuthorizationType: type } of routes) {
    expect({ key, type }).toEqual({ key, type: String(key).startsWith('GET ') ? 'NONE' : 'AWS_IAM' });
  }
  expect(routes).toHaveLength(8);

  const stack = weatherStack(projectApp(), { apiAuth: 'none' });
  const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('apiAuth=none'));
  expect(warnings).toHaveLength(1);
});
