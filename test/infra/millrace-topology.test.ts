import { describe, expect, test } from '@jest/globals';
import { Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { TableV2, type ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Stream, type IStream } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, LayerVersion, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import * as z from 'zod';
import { MillraceTopology, type MillraceTopologyProps } from '../../infra/index.ts';
import { aggregate, json, notification, processor, rowOf, stream, table, topology } from '../../shared/index.ts';
import { plain } from './support/plain.ts';
import { projectApp } from './support/weather-template.ts';

interface Order {
  readonly customer: string;
}
const order = json('order', (value): value is Order => typeof value === 'object' && value !== null);
const orders = stream('orders', { codec: order, partitionKey: ({ customer }) => customer });
const large = stream('large', { codec: order, partitionKey: ({ customer }) => customer });
const mail = notification<Order>('mail', {
  recipient: ({ customer }) => customer,
  digest: (to, values) => ({ id: to, to, subject: 'orders', text: String(values.length) }),
});
const customers = table('customers', order);
const last = table('last', order);

const select = processor({
  id: 'shop/select',
  from: orders,
  to: { large, mail },
  tables: { customer: rowOf(customers, ({ customer }: Order) => customer) },
  key: ({ customer }) => customer,
  initial: () => 0,
  step: ({ state }) => ({ state: state + 1 }),
});
const keep = aggregate({
  id: 'shop/keep',
  from: large,
  as: last,
  key: ({ customer }) => customer,
  initial: (value) => value,
  add: (_row, value) => value,
});
const shop = topology('shop', [select, keep]);

const code = (): Code => Code.fromInline('exports.handler = async () => ({});');

const RESOURCES = z.record(
  z.string(),
  z.object({
    Type: z.string(),
    Properties: z.record(z.string(), z.unknown()).default({}),
    DeletionPolicy: z.string().optional(),
  }),
);

interface Made {
  readonly construct: MillraceTopology;
  readonly types: readonly string[];
  readonly all: (type: string) => readonly Readonly<Record<string, unknown>>[];
  /** The statements of a processor's role that allow an action, as text. */
  readonly allowing: (processor: string, action: string) => readonly string[];
}

const ENV = { account: '111111111111', region: 'eu-west-1' };

const make = (props: (stack: Stack) => Partial<MillraceTopologyProps> = () => ({})): Made => {
  const stack = new Stack(projectApp(), 'Existing', { env: ENV });
  const construct = new MillraceTopology(stack, 'Orders', { topology: shop, code, ...props(stack) });
  const resources = Object.entries(RESOURCES.parse(Template.fromStack(stack).toJSON()['Resources']));
  const all = (type: string): readonly Readonly<Record<string, unknown>>[] =>
    resources
      .filter(([, one]) => one.Type === type)
      .map(([, { Properties }]) => z.record(z.string(), z.unknown()).parse(plain(Properties)));
  return {
    construct,
    types: resources.map(([, { Type }]) => Type),
    all,
    allowing: (processorId, action) =>
      resources
        .filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.includes(processorId))
        .flatMap(([, { Properties }]) => POLICY.parse(plain(Properties)).PolicyDocument.Statement)
        .filter((statement) => [statement.Action].flat().includes(action))
        .flatMap(({ Resource }) => Resource),
  };
};

const POLICY = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Action: z.union([z.string(), z.array(z.string())]),
        Resource: z.union([z.string(), z.array(z.string())]),
      }),
    ),
  }),
});

const arn = (service: string, resource: string): string => `arn:aws:${service}:eu-west-1:222222222222:${resource}`;
const network = (stack: Stack): IVpc =>
  Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['eu-west-1a'],
    privateSubnetIds: ['subnet-1'],
  });
const KEY = arn('kms', 'key/0b1c');
const SELECT = 'FunctionShopSelect';
const KEEP = 'FunctionShopKeep';

test('a topology in a stack that exists makes what it is not given, and keeps it when it goes', () => {
  const { types, construct } = make();
  expect(types.filter((type) => type === 'AWS::Kinesis::Stream')).toHaveLength(2);
  expect(types.filter((type) => type === 'AWS::DynamoDB::GlobalTable')).toHaveLength(3);
  expect(types.filter((type) => type === 'AWS::Lambda::Function')).toHaveLength(2);
  expect(types).toEqual(expect.arrayContaining(['AWS::S3::Bucket', 'AWS::SNS::Topic']));
  const stacks = Template.fromStack(Stack.of(construct));
  stacks.allResources('AWS::Kinesis::Stream', { DeletionPolicy: 'Retain' });
});

describe('what is given from outside', () => {
  const given = (stack: Stack): Partial<MillraceTopologyProps> => {
    const encryptionKey = Key.fromKeyArn(stack, 'Key', KEY);
    const streams: Readonly<Record<string, IStream>> = {
      orders: Stream.fromStreamAttributes(stack, 'A', { streamArn: arn('kinesis', 'stream/orders'), encryptionKey }),
      large: Stream.fromStreamArn(stack, 'B', arn('kinesis', 'stream/large')),
    };
    const tables: Readonly<Record<string, ITableV2>> = {
      customers: TableV2.fromTableAttributes(stack, 'C', {
        tableArn: arn('dynamodb', 'table/customers'),
        encryptionKey,
      }),
      last: TableV2.fromTableArn(stack, 'D', arn('dynamodb', 'table/last')),
    };
    return {
      streams,
      tables,
      topics: { mail: Topic.fromTopicArn(stack, 'E', arn('sns', 'mail')) },
      stateTable: TableV2.fromTableArn(stack, 'F', arn('dynamodb', 'table/state')),
      deadLetters: Bucket.fromBucketArn(stack, 'G', 'arn:aws:s3:::letters'),
    };
  };

  test('is not made', () => {
    const { types } = make(given);
    expect(new Set(types)).toEqual(
      new Set([
        'AWS::Lambda::Function',
        'AWS::Lambda::EventSourceMapping',
        'AWS::IAM::Role',
        'AWS::IAM::Policy',
        'AWS::Logs::LogGroup',
      ]),
    );
  });

  test('is what the construct answers by its name in the topology', () => {
    const { construct } = make(given);
    expect(construct.streamOf('orders').streamArn).toBe(arn('kinesis', 'stream/orders'));
    expect(construct.tableOf('customers').tableName).toBe('customers');
    expect(construct.topicOf('mail').topicArn).toBe(arn('sns', 'mail'));
    expect(construct.functionOf('shop/keep').node.path).toBe('Existing/Orders/FunctionShopKeep/Function');
    expect(() => construct.streamOf('order')).toThrow("nothing is deployed for 'order', only for orders, large");
  });

  test('is read and written by its ARN, also in another account', () => {
    const { all, allowing } = make(given);
    const [mapping] = all('AWS::Lambda::EventSourceMapping').filter(({ EventSourceArn: from }) =>
      String(from).endsWith('orders'),
    );
    expect(mapping?.['EventSourceArn']).toBe(arn('kinesis', 'stream/orders'));
    expect(allowing(SELECT, 'kinesis:GetRecords')).toEqual([arn('kinesis', 'stream/orders')]);
    expect(allowing(SELECT, 'kinesis:PutRecords')).toEqual([arn('kinesis', 'stream/large')]);
    const variables = all('AWS::Lambda::Function').map(({ Environment: environment }) => JSON.stringify(environment));
    expect(variables.join()).toContain(JSON.stringify(`{"large":"${arn('kinesis', 'stream/large')}"}`).slice(1, -1));
  });

  test('may be decrypted where it has a key', () => {
    const { allowing } = make(given);
    expect(allowing(SELECT, 'kms:Decrypt')).toEqual([KEY]);
    expect(allowing(KEEP, 'kms:Decrypt')).toEqual([]);
  });
});

test('a key of yours encrypts what is made, and each function may use it for just what it does', () => {
  const { all, allowing } = make((stack) => ({ encryptionKey: Key.fromKeyArn(stack, 'Key', KEY) }));
  expect(all('AWS::Kinesis::Stream').map((one) => one['StreamEncryption'])).toEqual(
    Array.from({ length: 2 }, () => ({ EncryptionType: 'KMS', KeyId: KEY })),
  );
  expect(all('AWS::SNS::Topic').map((one) => one['KmsMasterKeyId'])).toEqual([KEY]);
  expect(JSON.stringify(all('AWS::S3::Bucket'))).toContain(KEY);
  expect(JSON.stringify(all('AWS::DynamoDB::GlobalTable'))).toContain(KEY);
  expect(allowing(SELECT, 'kms:GenerateDataKey')).toEqual([KEY]);
  expect(allowing(KEEP, 'kms:Encrypt')).toEqual([KEY]);
});

test('options hold for all functions, and those of one processor go before them', () => {
  const { all } = make((stack) => ({
    memory: Size.mebibytes(512),
    timeout: Duration.seconds(30),
    environment: { LEVEL: 'all' },
    layers: [LayerVersion.fromLayerVersionArn(stack, 'Layer', arn('lambda', 'layer:x:1'))],
    vpc: network(stack),
    tags: { team: 'orders' },
    mapping: { batchSize: 50, parallelizationFactor: 2 },
    processors: {
      'shop/keep': {
        memory: Size.gibibytes(2),
        environment: { LEVEL: 'one' },
        mapping: { atTimestamp: new Date('2026-01-01T00:00:00Z'), batchingWindow: Duration.seconds(5) },
      },
    },
  }));
  const functions = all('AWS::Lambda::Function');
  expect(functions.map((one) => one['MemorySize'])).toEqual([512, 2048]);
  expect(functions.map((one) => one['Timeout'])).toEqual([30, 30]);
  expect(functions.map((one) => /"LEVEL":"(\w+)"/u.exec(JSON.stringify(one['Environment']))?.[1])).toEqual([
    'all',
    'one',
  ]);
  expect(functions.every((one) => JSON.stringify(one['Layers']).includes('layer:x:1'))).toBe(true);
  expect(functions.every((one) => JSON.stringify(one['VpcConfig']).includes('subnet-1'))).toBe(true);
  expect(functions.every((one) => JSON.stringify(one['Tags']).includes('"Value":"orders"'))).toBe(true);
  const mappings = all('AWS::Lambda::EventSourceMapping');
  expect(mappings.map((one) => [one['BatchSize'], one['ParallelizationFactor'], one['StartingPosition']])).toEqual([
    [50, 2, 'TRIM_HORIZON'],
    [50, 2, 'AT_TIMESTAMP'],
  ]);
  expect(mappings[1]?.['StartingPositionTimestamp']).toBe(Date.UTC(2026, 0, 1) / 1000);
});

test('a function in a VPC may make network interfaces, and no other may', () => {
  expect(make((stack) => ({ vpc: network(stack) })).allowing(KEEP, 'ec2:CreateNetworkInterface')).toEqual(['*']);
  expect(make().allowing(KEEP, 'ec2:CreateNetworkInterface')).toEqual([]);
});

test('with enhanced fan-out a processor has a consumer of its own, and may subscribe with it', () => {
  const { all, allowing } = make(() => ({ processors: { 'shop/keep': { mapping: { enhancedFanOut: true } } } }));
  expect(all('AWS::Kinesis::StreamConsumer')).toHaveLength(1);
  expect(
    all('AWS::Lambda::EventSourceMapping').filter((one) => String(one['EventSourceArn']).includes('Consumer')),
  ).toHaveLength(1);
  expect(allowing(KEEP, 'kinesis:SubscribeToShard')).toEqual([expect.stringContaining('Consumer')]);
});

describe('is refused before anything is made', () => {
  test.each<readonly [what: string, props: Partial<MillraceTopologyProps>, message: string]>([
    [
      'a name that the topology has not',
      { addresses: { male: [] } },
      "addresses names 'male', which the topology has not: it has mail",
    ],
    [
      'a processor that is none',
      { processors: { 'shop/kept': {} } },
      "processors names 'shop/kept', which the topology has not: it has shop/select, shop/keep",
    ],
    [
      'two places to begin at',
      { mapping: { atTimestamp: new Date(0), startingPosition: StartingPosition.LATEST } },
      'mapping has atTimestamp and the startingPosition LATEST: give one of them',
    ],
    ['a date that is none', { mapping: { atTimestamp: new Date('x') } }, 'mapping.atTimestamp is no date'],
    ['a handler that is nowhere', { code: undefined, entry: 'src/nowhere.ts' }, 'there is no file src/nowhere.ts in '],
  ])('%s', (_what, props, message) => {
    expect(() => make(() => props)).toThrow(message);
  });
});

test('data goes with the stack where that is asked for', () => {
  const { construct } = make(() => ({ removalPolicy: RemovalPolicy.DESTROY }));
  Template.fromStack(Stack.of(construct)).allResources('AWS::Kinesis::Stream', { DeletionPolicy: 'Delete' });
});
