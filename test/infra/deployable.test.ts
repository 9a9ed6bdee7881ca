import { expect, test } from '@jest/globals';
import { readContext } from '../../infra/context.ts';
import { DeploymentError } from '../../infra/deployment-error.ts';
import { TopologyStack } from '../../infra/stacks/topology-stack.ts';
import { checkDeployable } from '../../infra/topology-check.ts';
import { weatherDeployment } from '../../infra/weather-deployment.ts';
import { json } from '../../shared/codec/json.ts';
import { processor } from '../../shared/processor/processor.ts';
import { table } from '../../shared/processor/table.ts';
import { topology } from '../../shared/processor/topology.ts';
import { stream } from '../../shared/stream/stream.ts';
import { anyCode, projectApp } from './support/weather-template.ts';

const isNumber = (value: unknown): value is number => typeof value === 'number';
const readings = stream('readings', { codec: json('reading', isNumber), partitionKey: String });

const watched = processor({
  id: 'meter/watch',
  from: readings,
  to: {},
  key: String,
  initial: () => 0,
  step: ({ value }: { readonly value: number }) => ({ state: value, timerMs: value }),
  timers: { graceMs: 0, idleAfterMs: 60_000, whenIdle: 'follow-clock' },
  onTimer: () => ({}),
  as: table('meters', json('meter', isNumber)),
});

test('a processor with timers that is kept as a table is refused, with what to do', () => {
  const meters = topology('meter', [watched]);
  expect(() => {
    checkDeployable(meters);
  }).toThrow(DeploymentError);
  expect(() => {
    checkDeployable(meters);
  }).toThrow(/processor 'meter\/watch' has timers and is kept as table 'meters'.*a processor of its own/u);
});

test('a processor that takes partition keys for idle while a batch may still be under way is refused', () => {
  expect(() => {
    checkDeployable(topology('meter', [watched]));
  }).toThrow(/processor 'meter\/watch' takes partition keys for idle after 60000 ms: at least 120000 are needed/u);
});

test('it is refused before anything is made of it', () => {
  const context = readContext({});
  const pipeline = { ...weatherDeployment(context), topology: topology('meter', [watched]) };
  const app = projectApp();
  expect(() => new TopologyStack(app, pipeline, anyCode, context)).toThrow(DeploymentError);
  expect(app.node.children).toEqual([]);
});
