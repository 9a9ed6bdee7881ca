import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import { kinesisEvent, type MappingNames } from './kinesis-event.ts';
import type { DiscardCondition } from './mapping-events.ts';

/**
 * Where documents about discarded records go. A queue or a topic gets metadata, as on AWS: without the stream the records cannot
 * be known. A bucket gets the whole invocation payload as well.
 */
export type FailureDestination =
  | { readonly kind: 'sqs' | 'sns'; readonly send: (document: string) => Promise<void> | void }
  | { readonly kind: 's3'; readonly put: (key: string, document: string) => Promise<void> | void };

/** What a document says about discarded records. */
export interface Discard {
  readonly condition: DiscardCondition;
  /** Invocations that these records were part of. */
  readonly invocations: number;
  /** How the last invocation failed: thrown, or reported in its response; undefined if there was none. */
  readonly lastFailure: 'thrown' | 'reported' | undefined;
  readonly shardId: string;
  readonly records: readonly [DeliveredRecord, ...DeliveredRecord[]];
  readonly nowMs: number;
}

/** Sends the document of one discard. */
export const sendDiscard = async (
  destination: FailureDestination,
  discard: Discard,
  names: MappingNames,
  newId: () => string,
): Promise<void> => {
  const document = discardDocument(discard, names, newId());
  if (destination.kind !== 's3') {
    await destination.send(JSON.stringify(document));
    return;
  }
  // The payload is JSON text inside of JSON, as the example of the AWS guide suggests with its quotes.
  const payload = JSON.stringify(kinesisEvent(discard, names));
  await destination.put(objectKey(discard, names, newId()), JSON.stringify({ ...document, payload }));
};

const discardDocument = (discard: Discard, names: MappingNames, requestId: string): object => {
  const { records, lastFailure } = discard;
  const [first] = records;
  const last = records.at(-1) ?? first;
  return {
    requestContext: {
      requestId,
      functionArn: names.functionArn,
      condition: discard.condition,
      approximateInvokeCount: discard.invocations,
    },
    ...(lastFailure === undefined
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion: '$LATEST',
            ...(lastFailure === 'thrown' ? { functionError: 'Unhandled' } : {}),
          },
        }),
    version: '1.0',
    timestamp: new Date(discard.nowMs).toISOString(),
    KinesisBatchInfo: {
      shardId: discard.shardId,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: last.sequenceNumber,
      approximateArrivalOfFirstRecord: new Date(first.arrivalMs).toISOString(),
      approximateArrivalOfLastRecord: new Date(last.arrivalMs).toISOString(),
      batchSize: records.length,
      streamArn: names.streamArn,
    },
  };
};

/** `aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<id>` */
const objectKey = ({ shardId, nowMs }: Discard, { mappingUuid }: MappingNames, id: string): string => {
  const [date = '', time = ''] = new Date(nowMs).toISOString().split(/[T.]/);
  return `aws/lambda/${mappingUuid}/${shardId}/${date.replaceAll('-', '/')}/${date}T${time.replaceAll(':', '.')}-${id}`;
};
