import { plain } from './plain.ts';
import type { TemplateResource } from './weather-template.ts';

/** What holds data: by its type, the properties of which a change makes CloudFormation put an empty one in its place. */
const REPLACED_BY: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::GlobalTable': ['TableName', 'KeySchema', 'LocalSecondaryIndexes'],
  'AWS::Kinesis::Stream': ['Name'],
  'AWS::KMS::Key': ['KeySpec', 'KeyUsage'],
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::SNS::Topic': ['TopicName', 'FifoTopic'],
  'AWS::SecretsManager::Secret': ['Name'],
};

/** By what a resource that holds data is known. */
export interface DataIdentity {
  readonly type: string;
  /** Only those that are set. */
  readonly fixed: Readonly<Record<string, unknown>>;
}

/** The identities of all resources that hold data, by logical id. */
export const dataIdentities = (resources: readonly TemplateResource[]): Readonly<Record<string, DataIdentity>> =>
  Object.fromEntries(
    resources
      .filter(({ type }) => type in REPLACED_BY)
      .sort((one, other) => (one.logicalId < other.logicalId ? -1 : 1))
      .map(({ logicalId, type, properties }) => [
        logicalId,
        {
          type,
          fixed: Object.fromEntries(
            (REPLACED_BY[type] ?? [])
              .filter((name) => properties[name] !== undefined)
              .map((name) => [name, plain(properties[name])]),
          ),
        },
      ]),
  );

/** What would be lost if a stack with the known resources were deployed anew with the planned ones: a line each. */
export const replacements = (
  known: Readonly<Record<string, DataIdentity>>,
  planned: Readonly<Record<string, DataIdentity>>,
): readonly string[] =>
  Object.entries(known).flatMap(([logicalId, { type, fixed }]) => {
    const now = planned[logicalId];
    if (now === undefined)
      return [`${logicalId} (${type}) is gone: it was removed, or its id or the way to it was renamed`];
    if (now.type !== type) return [`${logicalId} was a ${type} and is a ${now.type}`];
    return [...new Set([...Object.keys(fixed), ...Object.keys(now.fixed)])]
      .filter((name) => JSON.stringify(fixed[name]) !== JSON.stringify(now.fixed[name]))
      .map(
        (name) =>
          `${logicalId} (${type}) is replaced: ${name} was ${said(fixed[name])} and is ${said(now.fixed[name])}`,
      );
  });

const said = (value: unknown): string => (value === undefined ? 'not set' : JSON.stringify(value));
