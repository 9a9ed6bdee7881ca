import { expect, test } from '@jest/globals';
import { outputName, OUTPUTS } from '../../shared/runtime/deployment/output-name.ts';
import { weather } from '../../functions/weather/topology.ts';
import { plain } from './support/plain.ts';
import { WeatherTemplate } from './support/weather-template.ts';

const { outputs } = new WeatherTemplate();
const topology = weather();

test('the stack tells where records enter, who is alerted, where to ask, and where state, rows and dead letters are', () => {
  const told = Object.fromEntries(Object.values(OUTPUTS).map((name) => [name, plain(outputs.get(name))]));
  expect(told).toEqual({
    RawStream: 'StreamWeatherRaw',
    AlertTopicArn: 'TopicWeatherMail',
    ApiUrl: 'QueryApi.ApiEndpoint',
    StateTable: 'State',
    DeadLetterBucket: 'DeadLetters',
  });
});

test('the stack tells where each stream, table and topic of the topology is', () => {
  for (const [kind, things] of [
    ['Stream', topology.streams],
    ['Table', [...topology.tables, ...topology.references]],
    ['Topic', topology.notifications],
  ] as const) {
    for (const { name } of things) expect(plain(outputs.get(outputName(kind, name)))).toBe(outputName(kind, name));
  }
});

test('the stack tells the function and the mapping of each processor', () => {
  for (const { id } of topology.processors) {
    const name = outputName('Function', id);
    expect(plain(outputs.get(name))).toBe(`${name}Function`);
    expect(plain(outputs.get(outputName('Mapping', id)))).toBe(`${name}Mapping`);
  }
});
