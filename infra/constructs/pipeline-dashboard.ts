import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  TextWidget,
  type IAlarm,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { processorMetrics, type DeployedProcessor } from './processor-metrics.ts';

/** A processor and its alarms. */
interface WatchedProcessor {
  readonly processor: DeployedProcessor;
  readonly alarms: readonly IAlarm[];
}

const COLUMNS = 24;
const GRAPHS_A_ROW = 4;
const GRAPH_HEIGHT = 6;

/** Options of {@link PipelineDashboard}. */
export interface PipelineDashboardProps {
  readonly title: string;
  /** In the order data flows. */
  readonly watched: readonly WatchedProcessor[];
  /** Alarms that belong to no processor. */
  readonly others: readonly IAlarm[];
}

/** All alarms, then one row per processor: what comes in, how late, what is held or lost, what fails. */
export class PipelineDashboard extends Dashboard {
  constructor(scope: Construct, id: string, { title, watched, others }: PipelineDashboardProps) {
    super(scope, id, { defaultInterval: Duration.hours(3) });
    const alarms = [...watched.flatMap((one) => one.alarms), ...others];
    this.addWidgets(
      new TextWidget({
        markdown: `# ${title}\ndocs/operations.md says what each alarm means and what to do.`,
        width: COLUMNS,
        height: 2,
      }),
    );
    this.addWidgets(
      new AlarmStatusWidget({ alarms, title: 'Alarms', width: COLUMNS, height: Math.ceil(alarms.length / 6) + 1 }),
    );
    for (const { processor } of watched) this.addWidgets(...rowOf(processor));
  }
}

const rowOf = (processor: DeployedProcessor): readonly GraphWidget[] => {
  const metrics = processorMetrics(processor);
  const graph = (title: string, left: readonly IMetric[], right: readonly IMetric[] = []): GraphWidget =>
    new GraphWidget({
      title: `${processor.id}: ${title}`,
      left: [...left],
      right: [...right],
      width: COLUMNS / GRAPHS_A_ROW,
      height: GRAPH_HEIGHT,
    });
  return [
    graph('records', [metrics.recordsIn, metrics.applied], [metrics.conflicts]),
    graph('delay', [metrics.iteratorAgeMs], processor.hasTimers ? [metrics.watermarkDelayMs] : []),
    graph('held and lost', [metrics.heldPartitions], [metrics.deadLettered, metrics.givenUp, metrics.dropped]),
    graph('invocations', [metrics.invocations, metrics.errors, metrics.throttles], [metrics.durationMs]),
  ];
};
