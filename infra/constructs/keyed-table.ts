import {
  AttributeType,
  Billing,
  ProjectionType,
  TableEncryptionV2,
  TableV2,
  type Attribute,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { KeyAttribute, TableLayout } from '../../shared/state/dynamodb/table-layout.ts';
import { keepsData, type DeploymentContext } from '../context.ts';
import { dataPolicy } from '../data-policy.ts';

/** A table of the given layout that costs nothing while nobody uses it, and of which every second of 35 days can be brought back. */
export class KeyedTable extends TableV2 {
  constructor(scope: Construct, id: string, layout: TableLayout, context: DeploymentContext) {
    super(scope, id, {
      partitionKey: attributeOf(layout.partitionKey),
      sortKey: attributeOf(layout.sortKey),
      localSecondaryIndexes: layout.localIndexes.map(({ name, sortKey }) => ({
        indexName: name,
        sortKey: attributeOf(sortKey),
        projectionType: ProjectionType.KEYS_ONLY,
      })),
      globalSecondaryIndexes: layout.globalIndexes.map(({ name, partitionKey, sortKey }) => ({
        indexName: name,
        partitionKey: attributeOf(partitionKey),
        sortKey: attributeOf(sortKey),
        projectionType: ProjectionType.KEYS_ONLY,
      })),
      timeToLiveAttribute: layout.ttlAttribute,
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: keepsData(context),
      removalPolicy: dataPolicy(context),
    });
  }
}

const attributeOf = ({ name, type }: KeyAttribute): Attribute => ({
  name,
  type: type === 'S' ? AttributeType.STRING : AttributeType.NUMBER,
});
