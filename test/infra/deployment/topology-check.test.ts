import { expect, test } from '@jest/globals';
import { readContext } from '../../../infra/deployment/context.ts';
import { DeploymentError } from '../../../infra/deployment/deployment-error.ts';
import { TopologyStack } from '../../../infra/stacks/topology-stack.ts';
import { checkDeployable } from '../../../infra/deployment/topology-check.ts';
import { pipelineDeployment } from '../../../infra/deployment/pipeline-deployment.ts';
import { pipeline as pipelineOf } from '../../../shared/pipeline/pipeline.ts';
import { json } from '../../../shared/codec/json.ts';
import { processor, type Processor } from '../../../shared/processor/processor.ts';
import { topology } from '../../../shared/processor/topology.ts';
import { stream } from '../../../shared/stream/stream.ts';
import { anyCode, projectApp } from '../support/weather-template.ts';

const isNumber = (value: unknown): value is number => typeof value === 'number';
const readings = stream('readings', { codec: json('reading', isNumber), partitionKey: String });

const watch = (idleAfterMs: number, id = 'meter/watch'): Processor =>
  processor({
    id,
    from: readings,
    to: {},
    key: String,
    initial: () => 0,
    step: ({ value }: { readonly value: number }) => ({ state: value, timerMs: value }),
    timers: { graceMs: 0, idleAfterMs, whenIdle: 'follow-clock' },
    onTimer: () => ({}),
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
    checkDeployable(topology('meter', [watch(1), watch(2, 'meter/other')]));
  }).toThrow(/^processor 'meter\/watch' .*\nprocessor 'meter\/other' /u);
});

test('it is refused before anything is made of it', () => {
  const context = readContext({});
  const pipeline = pipelineDeployment(pipelineOf({ topology: topology('meter', [watch(1)]) }), context);
  const app = projectApp();
  expect(() => new TopologyStack(app, 'millrace-meter-dev', { pipeline, code: anyCode, context })).toThrow(
    DeploymentError,
  );
  expect(app.node.children).toEqual([]);
});
