import type { ITable, Table, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/** A table, made or imported. The classes of the CDK do not fit its interfaces under `exactOptionalPropertyTypes`. */
export type AnyTable = ITable | Table | TableV2;

/** A bucket, made or imported. */
export type AnyBucket = IBucket | Bucket;

/** The resources of a deployed topology, by their names in the topology; each made for it or given from outside. */
export interface TopologyResources {
  readonly streams: Named<IStream>;
  /** Undefined if no processor keeps state. */
  readonly stateTable: AnyTable | undefined;
  /** Tables that processors fill. */
  readonly tables: Named<AnyTable>;
  readonly references: Named<AnyTable>;
  readonly topics: Named<ITopic>;
  readonly deadLetters: AnyBucket;
}

/** Resources by the name that the topology gives them. */
export type Named<Resource> = ReadonlyMap<string, Resource>;

/** Makes a resource for each thing. */
export const namedResources = <Resource>(
  things: readonly { readonly name: string }[],
  make: (name: string) => Resource,
): Named<Resource> => new Map(things.map(({ name }) => [name, make(name)]));

/** The resource of a name. Throws a `RangeError` if nothing of that name is deployed. */
export const resourceOf = <Resource>(resources: Named<Resource>, name: string): Resource => {
  const found = resources.get(name);
  if (found === undefined) {
    throw new RangeError(
      `nothing is deployed for '${name}', only for ${[...resources.keys()].join(', ')}: name one of these`,
    );
  }
  return found;
};

/** Physical names or ARNs of some resources, by their names in the topology, sorted. */
export const textsOf = <Resource>(
  resources: Named<Resource>,
  names: Iterable<string>,
  text: (resource: Resource) => string,
): Readonly<Record<string, string>> =>
  Object.fromEntries([...names].sort().map((name) => [name, text(resourceOf(resources, name))]));
