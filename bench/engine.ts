/*
 * The engine alone: one processor that validates and folds per key, from Kinesis events of 10,000 records in base64 to the
 * response. Beside it the floor that every processor pays: base64 and JSON.parse.
 *
 *   npm run bench -- engine
 */
import { json } from '../shared/codec/json.ts';
import { engine } from '../shared/engine/engine.ts';
import type { EnginePorts } from '../shared/engine/ports.ts';
import { processor } from '../shared/processor/processor.ts';
import { batchResponse } from '../shared/runtime/batch-response.ts';
import { deliveredRecords, type KinesisEvent } from '../shared/runtime/kinesis-event.ts';
import { memoryStore } from '../shared/state/memory-store.ts';
import { stream } from '../shared/stream/stream.ts';
import { compare } from './support/compare.ts';

const RECORDS = 10_000;
const STATIONS = 100;

interface Reading {
  readonly station: string;
  readonly at: number;
  readonly celsius: number;
}

const isReading = (value: unknown): value is Reading =>
  typeof value === 'object' &&
  value !== null &&
  'station' in value &&
  typeof value.station === 'string' &&
  'at' in value &&
  typeof value.at === 'number' &&
  'celsius' in value &&
  typeof value.celsius === 'number';

const readings = stream('readings', {
  codec: json('reading', isReading),
  partitionKey: ({ station }) => station,
  eventTimeMs: ({ at }) => at,
});
const errors = stream('errors', { codec: json('reading', isReading), partitionKey: ({ station }) => station });

const mean = processor({
  id: 'bench/mean',
  from: readings,
  to: { errors },
  key: ({ station }) => station,
  initial: () => ({ count: 0, sum: 0 }),
  step: ({ value, state }) =>
    value.celsius > 60
      ? { outcome: 'invalid', emit: { errors: [value] } }
      : { state: { count: state.count + 1, sum: state.sum + value.celsius } },
});

const ports: EnginePorts = {
  state: memoryStore(),
  outputs: {
    deliver: (deliveries) => Promise.resolve(deliveries.map(() => 'delivered' as const)),
    deadLetter: (letters) => Promise.resolve(letters.map(() => true)),
  },
  tables: { rows: () => Promise.resolve([]), all: () => Promise.resolve({ version: 0, rows: [] }) },
  nowMs: () => 1_451_606_400_000,
};

const FIRST_SEQUENCE_NUMBER = 49590338271490256608559692538361571095921575989136588898n;
let sent = 0;

const nextEvent = (): KinesisEvent => ({
  Records: Array.from({ length: RECORDS }, () => {
    sent += 1;
    const station = `station-${String(sent % STATIONS)}`;
    // Numbers of one second of a shard are 16 apart, below them stands the version.
    const sequenceNumber = String(FIRST_SEQUENCE_NUMBER + 16n * BigInt(sent));
    const reading: Reading = { station, at: 1_451_606_400_000 + sent, celsius: (sent * 7) % 61 };
    return {
      eventID: `shardId-000000000006:${sequenceNumber}`,
      eventSourceARN: 'arn:aws:kinesis:eu-west-1:123456789012:stream/readings',
      kinesis: {
        partitionKey: station,
        sequenceNumber,
        data: Buffer.from(JSON.stringify(reading)).toString('base64'),
        approximateArrivalTimestamp: 1_451_606_400,
      },
    };
  }),
});

const warm = engine(mean, ports);

await compare({
  unit: 'records',
  perRun: RECORDS,
  prepare: nextEvent,
  candidates: {
    'millrace engine': async (event) => {
      const result = await warm.process(deliveredRecords(event));
      if (batchResponse(result).batchItemFailures.length > 0) throw new Error('a record was held');
    },
    'floor: base64 + JSON.parse': (event) => {
      let sum = 0;
      for (const { kinesis } of event.Records) {
        const parsed: unknown = JSON.parse(Buffer.from(kinesis.data, 'base64').toString('utf8'));
        if (isReading(parsed)) sum += parsed.celsius;
      }
      if (Number.isNaN(sum)) throw new Error('not a number');
    },
  },
});
