import { Duration } from 'aws-cdk-lib';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import type { Construct } from 'constructs';
import { outputName } from '../../shared/runtime/deployment/output-name.ts';
import type { DeploymentContext } from '../context.ts';
import { dataPolicy } from '../data-policy.ts';

/** One stream of a topology, encrypted with the key that AWS keeps for Kinesis. */
export class DataStream extends Stream {
  /** @param name Of the stream in the topology. Another name is another stream: the records of the old one stay there. */
  constructor(scope: Construct, name: string, context: DeploymentContext) {
    super(scope, outputName('Stream', name), {
      ...(context.capacity === 'on-demand'
        ? { streamMode: StreamMode.ON_DEMAND }
        : { streamMode: StreamMode.PROVISIONED, shardCount: context.shards }),
      retentionPeriod: Duration.hours(context.retentionHours),
      encryption: StreamEncryption.MANAGED,
      removalPolicy: dataPolicy(context),
    });
  }
}
