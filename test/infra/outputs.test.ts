import { expect, test } from '@jest/globals';
import { weather } from '../../functions/weather/topology.ts';
import { outputName, OUTPUTS, type OutputKind } from '../../shared/runtime/deployment/output-name.ts';
import { plain } from './support/plain.ts';
import { WeatherTemplate } from './support/weather-template.ts';

const template = new WeatherTemplate();
const topology = weather();

/** The resource that an output refers to. */
const resourceOf = (output: string): WeatherTemplate['resources'][number] => {
  const value = template.outputs.get(output);
  const id = typeof value === 'object' && value !== null && 'Ref' in value ? value.Ref : undefined;
  const found = template.resources.find(({ logicalId }) => logicalId === id);
  if (found === undefined) throw new Error(`output ${output} refers to no resource: ${JSON.stringify(value)}`);
  return found;
};

const TYPES: Readonly<Record<OutputKind, string>> = {
  Stream: 'AWS::Kinesis::Stream',
  Table: 'AWS::DynamoDB::GlobalTable',
  Topic: 'AWS::SNS::Topic',
  Function: 'AWS::Lambda::Function',
  Mapping: 'AWS::Lambda::EventSourceMapping',
};

test('each part of the topology has an output that refers to a resource of its own', () => {
  const ids = topology.processors.map(({ id }) => ({ name: id }));
  const parts: readonly (readonly [OutputKind, readonly { readonly name: string }[]])[] = [
    ['Stream', topology.streams],
    ['Table', [...topology.tables, ...topology.references]],
    ['Topic', topology.notifications],
    ['Function', ids],
    ['Mapping', ids],
  ];
  const found = parts.flatMap(([kind, things]) =>
    things.map(({ name }) => {
      const { type, logicalId } = resourceOf(outputName(kind, name));
      expect({ name, type }).toEqual({ name, type: TYPES[kind] });
      return logicalId;
    }),
  );
  expect(new Set(found).size).toBe(found.length);
});

test('the mapping of a processor reads the stream, and invokes the function, of the outputs beside it', () => {
  for (const { id, from } of topology.processors) {
    const { EventSourceArn, FunctionName } = resourceOf(outputName('Mapping', id)).properties;
    expect(EventSourceArn).toEqual({ 'Fn::GetAtt': [resourceOf(outputName('Stream', from.name)).logicalId, 'Arn'] });
    expect(FunctionName).toEqual({ Ref: resourceOf(outputName('Function', id)).logicalId });
  }
});

test('records enter by the stream that no processor writes, and alerts leave by the topic of the notification', () => {
  const [source] = topology.sources;
  const [mail] = topology.notifications;
  expect(resourceOf(OUTPUTS.rawStream)).toBe(resourceOf(outputName('Stream', source?.name ?? '')));
  expect(resourceOf(OUTPUTS.alertTopicArn)).toBe(resourceOf(outputName('Topic', mail?.name ?? '')));
});

test('the outputs that exist once refer to the one table of states, bucket of dead letters and API', () => {
  const bucket = template.ofType('AWS::S3::Bucket');
  expect(bucket).toEqual([resourceOf(OUTPUTS.deadLetterBucket)]);
  const rows = [...topology.tables, ...topology.references].map(({ name }) => resourceOf(outputName('Table', name)));
  const others = template.ofType('AWS::DynamoDB::GlobalTable').filter((one) => !rows.includes(one));
  expect(others).toEqual([resourceOf(OUTPUTS.stateTable)]);
  expect(plain(template.outputs.get(OUTPUTS.apiUrl))).toBe('QueryApi.ApiEndpoint');
});
