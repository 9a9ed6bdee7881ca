import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { weather } from '../../../functions/weather/topology.ts';
import { outputName, OUTPUTS, stackName } from '../../../shared/runtime/deployment/output-name.ts';
import { ROW_TABLE, STATE_TABLE, type TableLayout } from '../../../shared/state/dynamodb/table-layout.ts';

/** A stack of the weather topology without functions: what the command line finds, and nothing that reads or writes. */
export interface FakeStack {
  readonly stage: string;
  readonly outputs: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

const WAIT_MS = 500;

/** Creates the stack under a stage of its own. */
export const fakeStack = async (stage: string, shards = 2): Promise<FakeStack> => {
  const client = new CloudFormationClient();
  const { streams, tables, references, processors } = weather();
  const name = stackName('weather', stage);
  const resources: Record<string, unknown> = { State: tableOf(STATE_TABLE), Letters: { Type: 'AWS::S3::Bucket' } };
  const outputs: Record<string, unknown> = {
    [OUTPUTS.stateTable]: { Value: { Ref: 'State' } },
    [OUTPUTS.deadLetterBucket]: { Value: { Ref: 'Letters' } },
    [OUTPUTS.rawStream]: { Value: { Ref: outputName('Stream', 'weather-raw') } },
  };
  for (const stream of streams) {
    const id = outputName('Stream', stream.name);
    resources[id] = { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: shards } };
    outputs[id] = { Value: { Ref: id } };
  }
  for (const table of [...tables, ...references]) {
    const id = outputName('Table', table.name);
    resources[id] = tableOf(ROW_TABLE);
    outputs[id] = { Value: { Ref: id } };
  }
  for (const { id } of processors) {
    outputs[outputName('Function', id)] = { Value: `${name}-${id.replaceAll('/', '-')}` };
    outputs[outputName('Mapping', id)] = { Value: `mapping-of-${id.replaceAll('/', '-')}` };
  }
  await client.send(
    new CreateStackCommand({
      StackName: name,
      TemplateBody: JSON.stringify({ Resources: resources, Outputs: outputs }),
    }),
  );
  for (;;) {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const { StackStatus: status, Outputs: made = [], StackStatusReason: reason } = Stacks?.[0] ?? {};
    if (status === 'CREATE_COMPLETE') {
      return {
        stage,
        outputs: Object.fromEntries(made.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue])),
        remove: async () => {
          await client.send(new DeleteStackCommand({ StackName: name }));
        },
      };
    }
    if (status !== 'CREATE_IN_PROGRESS') throw new Error(`the stack is ${String(status)}: ${String(reason)}`);
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
};

const tableOf = ({ partitionKey, sortKey, localIndexes, globalIndexes }: TableLayout): unknown => {
  const indexOf = (index: TableLayout['localIndexes'][number]): unknown => ({
    IndexName: index.name,
    KeySchema: [
      { AttributeName: index.partitionKey.name, KeyType: 'HASH' },
      { AttributeName: index.sortKey.name, KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  });
  const keys = [
    partitionKey,
    sortKey,
    ...[...localIndexes, ...globalIndexes].flatMap((one) => [one.partitionKey, one.sortKey]),
  ];
  const attributes = new Map(keys.map(({ name, type }) => [name, type]));
  return {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [...attributes].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
      KeySchema: [
        { AttributeName: partitionKey.name, KeyType: 'HASH' },
        { AttributeName: sortKey.name, KeyType: 'RANGE' },
      ],
      ...(localIndexes.length > 0 && { LocalSecondaryIndexes: localIndexes.map(indexOf) }),
      ...(globalIndexes.length > 0 && { GlobalSecondaryIndexes: globalIndexes.map(indexOf) }),
    },
  };
};
