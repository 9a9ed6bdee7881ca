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
import type { DeploymentContext } from '../deployment/context.ts';
import { dataPolicy, keepsData } from '../deployment/data-policy.ts';

/** Options of {@link KeyedTable}. */
export interface KeyedTableProps {
  readonly layout: TableLayout;
  readonly context: DeploymentContext;
}

/** A table that costs nothing while it is not used, and can be restored to any second of the last 35 days. */
export class KeyedTable extends TableV2 {
  constructor(scope: Construct, id: string, { layout, context }: KeyedTableProps) {
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
