import { text } from '../../../../shared/codec/text.ts';
import { processor, type Processor } from '../../../../shared/processor/processor.ts';
import { topology, type Topology } from '../../../../shared/processor/topology.ts';
import type { MakeHost } from '../../../../shared/runtime/local/consumer.ts';
import { stream } from '../../../../shared/stream/stream.ts';
import type { DeliveredRecord } from '../../../../shared/stream/delivered-record.ts';

export const lines = stream('lines', { codec: text(), partitionKey: (line) => line.slice(0, 1) });

const reader = (id: string): Processor => processor({ id, from: lines, to: {}, step: () => ({}) });

const fast = reader('test/fast');
const slow = reader('test/slow');

/** One stream that two processors read. */
export const readers: Topology = topology('test', [fast, slow]);

const textOf = ({ data }: DeliveredRecord): string => Buffer.from(data).toString();

/** A host without an engine: `take` gets the texts of a batch, and answers the index of the record that is held, if one is. */
export const hostOf =
  (take: (processor: string, texts: readonly string[], records: readonly DeliveredRecord[]) => number): MakeHost =>
  ({ id }) => ({
    invoke: (records) => {
      const held = records[take(id, records.map(textOf), records)];
      return Promise.resolve({
        batchItemFailures: held === undefined ? [] : [{ itemIdentifier: held.sequenceNumber }],
      });
    },
    sweep: () => Promise.resolve(0),
  });

/** Nothing is held. */
export const NONE = -1;
