import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** Options of {@link DataStream}. */
export interface DataStreamProps {
  /** How many, or as many as the volume needs. */
  readonly shards: number | 'on-demand';
  readonly retention: Duration;
  /** Undefined: the key that AWS manages for Kinesis. */
  readonly encryptionKey: IKey | undefined;
  readonly removalPolicy: RemovalPolicy;
}

/** One stream of a topology, encrypted. */
export class DataStream extends Stream {
  /** @param id Another id makes another stream: the records of the old one stay there. */
  constructor(scope: Construct, id: string, props: DataStreamProps) {
    const { shards, retention, encryptionKey, removalPolicy } = props;
    super(scope, id, {
      ...(shards === 'on-demand'
        ? { streamMode: StreamMode.ON_DEMAND }
        : { streamMode: StreamMode.PROVISIONED, shardCount: shards }),
      retentionPeriod: retention,
      ...(encryptionKey === undefined
        ? { encryption: StreamEncryption.MANAGED }
        : { encryption: StreamEncryption.KMS, encryptionKey }),
      removalPolicy,
    });
  }
}
