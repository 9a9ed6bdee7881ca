/** The AWS names that a mapping appears under in events and in on-failure documents. */
export interface MappingNames {
  readonly mappingUuid: string;
  readonly streamArn: string;
  readonly functionArn: string;
  readonly roleArn: string;
  readonly region: string;
}

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';

/** Names for a run that has no AWS account. The uuid is derived from the names, so it stays the same. */
export const localNames = (stream: string, functionName: string): MappingNames => ({
  mappingUuid: `${functionName}-${stream}`,
  streamArn: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/${stream}`,
  functionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${functionName}`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/${functionName}`,
  region: REGION,
});
