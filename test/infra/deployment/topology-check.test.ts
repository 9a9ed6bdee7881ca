import { expect, test } from '@jest/globals';
import { readContext } from '../../../infra/deployment/context.ts';
import { DeploymentError } from '../../../infra/deployment/deployment-error.ts';
import { TopologyStack } from '../../../infra/stacks/topology-stack.ts';
import { checkDeployable } from '../../../infra/deployment/topology-check.ts';
import { weatherDeployment } from '../../../infra/deployment/weather-deployment.ts';
import { json } from '../../../shared/codec/json.ts';
import { processor, type Processor } from '../../../shared/processor/processor.ts';
import { table } from '../../../shared/processor/table.ts';
import { topology } from '../../../shared/processor/topology.ts';
import { stream } from '../../../shared/stream/stream.ts';
import { anyCode, projectApp } from '../support/weather-template.ts';

const isNumber = (value: unknown): value is number => typeof value === 'number';
const readings = stream('readings', { codec: json('reading', isNumber), partitionKey: String });

const watch = (idleAfterMs: number): Processor =>
  processor({
    id: 'meter/watch',
    from: readings,
    to: {},
    key: String,
    initial: () => 0,
    step: ({ value }: { readonly value: number }) => ({ state: value, timerMs: value }),
    timers: { graceMs: 0, idleAfterMs, whenIdle: 'follow-clock' },
    onTimer: () => ({}),
  });

const watchedTable = processor({
  id: 'meter/table',
  from: readings,
  to: {},
  key: String,
  initial: () => 0,
  step: ({ value }: { readonly value: number }) => ({ state: value, timerMs: value }),
  timers: { graceMs: 0, idleAfterMs: 900_000, whenIdle: 'follow-clock' },
  onTimer: () => ({}),
  as: table('meters', json('meter', isNumber)),
});

test('a processor with timers that is kept as a table is refused, with what to do', () => {
  expect(() => {
    checkDeployable(topology('meter', [watchedTable]));
  }).toThrow(
    new DeploymentError(
      "processor 'meter/table' has timers and is kept as table 'meters': on AWS a table has no timers. " +
        'Let it write a stream, and fill the table from that with another processor',
    ),
  );
});

test('idleAfterMs leaves a margin between the last write of a batch and a sweep: three time-outs, not one millisecond less', () => {
  expect(() => {
    checkDeployable(topology('meter', [watch(179_999)]));
  }).toThrow(/^processor 'meter\/watch' has idleAfterMs 179999: at least 180000 are needed.*Raise idleAfterMs$/u);
  expect(() => {
    checkDeployable(topology('meter', [watch(180_000)]));
  }).not.toThrow();
});

test('one error names every processor that cannot be deployed', () => {
  expect(() => {
    checkDeployable(topology('meter', [watch(1), watchedTable]));
  }).toThrow(/^processor 'meter\/watch' .*\nprocessor 'meter\/table' /u);
});

test('it is refused before anything is made of it', () => {
  const context = readContext({});
  const pipeline = { ...weatherDeployment(context), topology: topology('meter', [watchedTable]) };
  const app = projectApp();
  expect(() => new TopologyStack(app, 'millrace-meter-dev', { pipeline, code: anyCode, context })).toThrow(
    DeploymentError,
  );
  expect(app.node.children).toEqual([]);
});
