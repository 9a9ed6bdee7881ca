import type { DeliveredRecord } from '../../stream/delivered-record.ts';

/**
 * Cuts records, in order, into slices of about so many bytes of data: a slice is larger only where it is one record. A usual
 * batch is one slice, so each of its keys is written once.
 */
export const recordSlices = (
  records: readonly DeliveredRecord[],
  sliceBytes: number,
): readonly (readonly DeliveredRecord[])[] => {
  const slices: DeliveredRecord[][] = [];
  let slice: DeliveredRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    if (slice.length > 0 && bytes + record.data.length > sliceBytes) {
      slices.push(slice);
      slice = [];
      bytes = 0;
    }
    slice.push(record);
    bytes += record.data.length;
  }
  if (slice.length > 0) slices.push(slice);
  return slices;
};
