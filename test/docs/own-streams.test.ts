import { expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
// begin
import { Duration, Size, Stack } from 'aws-cdk-lib';
import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import { StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { MillraceTopology } from '../../infra/index.ts';
// end
import { aggregate, json, stream, table, topology } from '../../shared/index.ts';
import { projectApp } from '../infra/support/weather-template.ts';

const order = json('order', (value): value is { readonly id: string } => typeof value === 'object' && value !== null);
const shop = topology('shop', [
  aggregate({
    id: 'shop/last',
    from: stream('orders', { codec: order, partitionKey: ({ id }) => id }),
    as: table('last', order),
    key: ({ id }) => id,
    initial: (value) => value,
    add: (_row, value) => value,
  }),
]);
const code = (): Code => Code.fromInline('exports.handler = async () => ({});');

test('a topology on streams and tables of another account synthesizes as the page shows it', () => {
  const stack = new Stack(projectApp(), 'Existing', { env: { account: '111111111111', region: 'eu-west-1' } });
  // begin
  const encryptionKey = Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:222222222222:key/0b1c2d3e');
  const shared = new MillraceTopology(stack, 'Shop', {
    topology: shop,
    code, // or entry: 'src/handler.ts', which is bundled
    streams: {
      orders: Stream.fromStreamAttributes(stack, 'Orders', {
        streamArn: 'arn:aws:kinesis:eu-west-1:222222222222:stream/orders',
        encryptionKey,
      }),
    },
    tables: { last: TableV2.fromTableName(stack, 'Last', 'last-orders') },
    memory: Size.mebibytes(512),
    timeout: Duration.seconds(30),
    tags: { team: 'orders' },
    mapping: { startingPosition: StartingPosition.LATEST, batchSize: 500 },
    processors: { 'shop/last': { mapping: { enhancedFanOut: true } } },
  });
  shared.functionOf('shop/last').addEnvironment('LOG_LEVEL', 'debug');
  // end
  Template.fromStack(stack).resourceCountIs('AWS::Kinesis::StreamConsumer', 1);
  expect(shared.tableOf('last').tableName).toBe('last-orders');
});
