import { createRequire } from 'node:module';

/** What we use of `aws-kinesis-agg`, whose own types need the AWS SDK for JavaScript 2. */
export interface PeerRecord {
  readonly partitionKey: string;
  readonly explicitHashKey?: string;
  readonly data: Buffer;
}

interface UserRecord {
  readonly partitionKey: string;
  readonly explicitPartitionKey?: string;
  readonly data: string;
}

interface Peer {
  RecordAggregator: new () => { addUserRecord(record: PeerRecord): void; build(): { readonly data: Buffer } };
  deaggregateSync(
    record: { readonly partitionKey: string; readonly sequenceNumber: string; readonly data: string },
    computeChecksums: boolean,
    done: (error: Error | null | undefined, records?: readonly UserRecord[]) => void,
  ): void;
}

const isPeer = (loaded: unknown): loaded is Peer =>
  typeof loaded === 'object' && loaded !== null && 'RecordAggregator' in loaded && 'deaggregateSync' in loaded;

const loadPeer = (): Peer => {
  const loaded: unknown = createRequire(import.meta.url)('aws-kinesis-agg');
  if (!isPeer(loaded)) throw new TypeError('aws-kinesis-agg has changed its exports: adapt this file');
  return loaded;
};

const peer = loadPeer();

/**
 * Whether the peer can pack this key together with others. It keeps its key tables in plain objects and numbers them in
 * the order of their properties: keys that look like integers get each other's names, and names of `Object.prototype`
 * are lost or throw.
 */
export const peerCanHold = (partitionKey: string): boolean => !/^\d+$/.test(partitionKey) && !(partitionKey in {});

/** One aggregated record as the peer makes it. */
export const peerAggregate = (records: readonly PeerRecord[]): Buffer => {
  const aggregator = new peer.RecordAggregator();
  for (const record of records) aggregator.addUserRecord(record);
  return aggregator.build().data;
};

/** The user records as the peer finds them, checksum checked. */
export const peerDeaggregate = (bytes: Uint8Array): PeerRecord[] => {
  let found: readonly UserRecord[] = [];
  const record = { partitionKey: 'outer', sequenceNumber: '1', data: Buffer.from(bytes).toString('base64') };
  peer.deaggregateSync(record, true, (error, records) => {
    if (error) throw error;
    found = records ?? [];
  });
  return found.map(({ partitionKey, explicitPartitionKey, data }) => ({
    partitionKey,
    ...(explicitPartitionKey === undefined ? {} : { explicitHashKey: explicitPartitionKey }),
    data: Buffer.from(data, 'base64'),
  }));
};
