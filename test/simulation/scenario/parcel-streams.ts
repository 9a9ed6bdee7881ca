import { json } from '../../../shared/codec/json.ts';
import { table, type Table } from '../../../shared/processor/table.ts';
import { merged, type MergedStream } from '../../../shared/stream/merged.ts';
import { stream, type Stream } from '../../../shared/stream/stream.ts';

/** A parcel that was scanned; `id` is different for each. */
export interface Scan {
  readonly id: string;
  readonly place: string;
  readonly route: string;
  readonly depot: string;
  readonly weight: number;
  readonly isReturn: boolean;
  readonly atMs: number;
  /** Characters that the scan adds to its key's state. */
  readonly filler?: number;
}

/** What a rule says about a parcel. */
export interface Notice {
  readonly id: string;
  readonly rule: string;
  readonly place: string;
}

/** Parcels of a depot in an hour. */
export interface Hour {
  readonly depot: string;
  readonly ids: readonly string[];
}

/** Parcels above a weight get a notice. */
export interface Rule {
  readonly id: string;
  readonly minWeight: number;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isScan = (value: unknown): value is Scan => isObject(value) && 'route' in value && 'weight' in value;
const isNotice = (value: unknown): value is Notice => isObject(value) && 'id' in value && 'rule' in value;
const isHour = (value: unknown): value is Hour => isObject(value) && 'depot' in value && 'ids' in value;
const isRule = (value: unknown): value is Rule => isObject(value) && 'minWeight' in value;
const isIds = (value: unknown): value is Ids => isObject(value) && 'ids' in value;

const scanStream = (name: string, partitionKey: (scan: Scan) => string): Stream<Scan> =>
  stream(name, { codec: json('scan', isScan), partitionKey, eventTimeMs: ({ atMs }) => atMs });

const atPlace = ({ place }: Scan): string => place;

/** What comes from outside. */
export const scans: Stream<Scan> = scanStream('scans', atPlace);
export const sorted: Stream<Scan> = scanStream('sorted', atPlace);
/** Both ways of a parcel, in one order. */
export const parcels: MergedStream<{ readonly sent: Stream<Scan>; readonly returned: Stream<Scan> }> = merged(
  'parcels',
  { sent: scanStream('sent', atPlace), returned: scanStream('returned', atPlace) },
);
/** The same scans by depot: what comes together here has no common order. */
export const postings: Stream<Scan> = scanStream('postings', ({ depot }) => depot);
export const scansLate: Stream<Scan> = scanStream('scans-late', ({ depot }) => depot);
export const notices: Stream<Notice> = stream('notices', {
  codec: json('notice', isNotice),
  partitionKey: ({ place }) => place,
  idOf: ({ rule }) => rule,
});
export const hours: Stream<Hour> = stream('hours', {
  codec: json('hour', isHour),
  partitionKey: ({ depot }) => depot,
});

export const rules: Table<Rule> = table('rules', json('rule', isRule));

/** Ids of parcels. */
export interface Ids {
  readonly ids: readonly string[];
}

export const idTable = (name: string): Table<Ids> => table(name, json('ids', isIds));
