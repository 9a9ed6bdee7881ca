import { Duration } from 'aws-cdk-lib';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import type { Construct } from 'constructs';
import type { DeploymentContext } from '../deployment/context.ts';
import { dataPolicy } from '../deployment/data-policy.ts';

/** Options of {@link DataStream}. */
export interface DataStreamProps {
  readonly context: DeploymentContext;
}

/** One stream of a topology, encrypted with the key that AWS manages for Kinesis. */
export class DataStream extends Stream {
  /** @param id Another id makes another stream: the records of the old one stay there. */
  constructor(scope: Construct, id: string, { context }: DataStreamProps) {
    super(scope, id, {
      ...(context.capacity === 'on-demand'
        ? { streamMode: StreamMode.ON_DEMAND }
        : { streamMode: StreamMode.PROVISIONED, shardCount: context.shards }),
      retentionPeriod: Duration.hours(context.retentionHours),
      encryption: StreamEncryption.MANAGED,
      removalPolicy: dataPolicy(context),
    });
  }
}
