import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  ProjectionType,
  TableEncryptionV2,
  TableV2,
  type Attribute,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { KeyAttribute, TableLayout } from '../../shared/state/dynamodb/table-layout.ts';

/** Options of {@link KeyedTable}. */
export interface KeyedTableProps {
  readonly layout: TableLayout;
  /** Undefined: the key that AWS manages for DynamoDB. */
  readonly encryptionKey: IKey | undefined;
  /** A table that outlives its stack is protected from deletion, too. */
  readonly removalPolicy: RemovalPolicy;
}

/** A table that costs nothing while it is not used, and can be restored to any second of the last 35 days. */
export class KeyedTable extends TableV2 {
  constructor(scope: Construct, id: string, { layout, encryptionKey, removalPolicy }: KeyedTableProps) {
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
      encryption:
        encryptionKey === undefined
          ? TableEncryptionV2.awsManagedKey()
          : TableEncryptionV2.customerManagedKey(encryptionKey),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
      removalPolicy,
    });
  }
}

const attributeOf = ({ name, type }: KeyAttribute): Attribute => ({
  name,
  type: type === 'S' ? AttributeType.STRING : AttributeType.NUMBER,
});
