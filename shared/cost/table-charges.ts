import type { ProcessorDescription, TopologyDescription } from '../processor/description/describe.ts';
import type { BillAssumptions } from './assumptions.ts';
import { charge, HOURS_A_MONTH, type BillRow } from './charge.ts';
import type { Flow } from './flow.ts';

const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;
const MILLION = 1_000_000;
const SWEEPS_A_MONTH = HOURS_A_MONTH * 60;
/** A sweep asks each of the eight parts of the index of active partition keys; a query that finds nothing is half a unit. */
const READ_UNITS_A_SWEEP = 4;
/** An index entry that moves is deleted and put. */
const UNITS_OF_AN_INDEX_MOVE = 2;

/** What state and tables cost: one write for each key that a batch changes, reads of keys that are not warm, storage. */
export const tableCharges = (
  { processors }: TopologyDescription,
  assumed: BillAssumptions,
  flow: Flow,
): readonly BillRow[] => {
  const units = processors.map((processor) => unitsOf(processor, flow.get(processor.from) ?? 0, assumed));
  const writes = units.reduce((sum, unit) => sum + unit.writes, 0);
  const reads = units.reduce((sum, unit) => sum + unit.reads, 0);
  const swept = processors.filter(({ state }) => state?.timers !== undefined).length;
  return [
    charge('month', 'DynamoDB', 'tables', 'tableStorage', assumed.storedGb),
    ...(swept > 0
      ? [
          charge(
            'month',
            'DynamoDB',
            'sweep: which partition keys are idle',
            'readUnits',
            (swept * SWEEPS_A_MONTH * READ_UNITS_A_SWEEP) / MILLION,
          ),
        ]
      : []),
    charge('million', 'DynamoDB', 'changed state keys and watermarks, written', 'writeUnits', writes / MILLION),
    charge('million', 'DynamoDB', 'state keys, watermarks and looked-up rows, read', 'readUnits', reads / MILLION),
  ];
};

interface Units {
  readonly writes: number;
  readonly reads: number;
}

const unitsOf = (processor: ProcessorDescription, records: number, assumed: BillAssumptions): Units => {
  const { recordsPerBatch, lanesPerBatch, itemBytes, coldShare, timerMoveShare, volumes } = assumed;
  const batches = records / recordsPerBatch;
  const keys = Math.min(recordsPerBatch, volumes.keysPerBatch[processor.id] ?? assumed.keysPerBatch);
  const lanes = Math.min(recordsPerBatch, lanesPerBatch);
  const readUnits = Math.ceil(itemBytes / READ_UNIT_BYTES);
  // Rows are remembered by a warm environment, as keys are.
  const looked = processor.lookups.filter(({ rows }) => rows === 'one').length * keys * coldShare * readUnits;
  const { state } = processor;
  if (state === undefined) return { writes: 0, reads: batches * looked };
  const keyWrites = keys * Math.ceil(itemBytes / WRITE_UNIT_BYTES);
  if (state.timers === undefined) {
    // Without watermarks nothing tells that another environment was faster, so nothing is kept warm.
    return { writes: batches * keyWrites, reads: batches * (keys * readUnits + looked) };
  }
  return {
    writes: batches * (keyWrites + keys * timerMoveShare * UNITS_OF_AN_INDEX_MOVE + lanes),
    reads: batches * (keys * coldShare * readUnits + lanes + looked),
  };
};
