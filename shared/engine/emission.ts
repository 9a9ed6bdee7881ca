import { KINESIS_RECORD_BYTES } from '../codec/kpl-aggregator.ts';
import type { Notification } from '../processor/notification.ts';
import type { Output, Outputs } from '../processor/outputs.ts';
import type { Processor, StepResult } from '../processor/processor.ts';
import { dataMember, sealer } from '../stream/envelope.ts';
import { childPosition, laneThrough } from '../stream/origin.ts';
import type { Stream } from '../stream/stream.ts';
import type { Dispatch, EmissionUnit } from './ports.ts';

/** What one lane of a batch gives out, in order per destination and partition key. */
export class Emission {
  readonly #processor: Processor;
  readonly #partitionKey: string;
  readonly #units = new Map<string, Unit>();
  readonly #notes: Note[] = [];
  readonly #seals = new Map<string, { readonly lane: string; readonly seal: ReturnType<typeof sealer> }>();
  #lastUnit: Unit | undefined;

  constructor(processor: Processor, partitionKey: string) {
    this.#processor = processor;
    this.#partitionKey = partitionKey;
  }

  /**
   * Takes what a step gave out for the record at `position` of `lane`. All of it is
   * encoded before any of it is taken, so a step whose output cannot be encoded has given out nothing.
   */
  take(emit: NonNullable<StepResult<unknown, Outputs>['emit']>, lane: string, position: string, timeMs: number): void {
    const prepared: Prepared[] = [];
    for (const name in emit) {
      const target = this.#processor.to[name];
      const values = emit[name];
      if (target === undefined) throw new TypeError(`step emitted to '${name}', which is not one of its outputs`);
      if (values === undefined) continue;
      let ordinal = 0;
      for (const value of values) prepared.push(this.#prepare(target, value, lane, position, timeMs, ordinal++));
    }
    for (const one of prepared) {
      if (one.kind === 'note') this.#notes.push(one);
      else this.#unitFor(one.stream, one.partitionKey).payloads.push(one.payload);
    }
  }

  units(): readonly EmissionUnit[] {
    return [...this.#units.values()];
  }

  notes(): readonly Note[] {
    return this.#notes;
  }

  #prepare(target: Output, value: unknown, lane: string, position: string, timeMs: number, ordinal: number): Prepared {
    if (target.kind === 'notification') return { kind: 'note', target, recipient: target.recipient(value), value };
    const partitionKey = target.partitionKey(value, this.#partitionKey);
    const at = target.eventTimeMs === undefined ? timeMs : target.eventTimeMs(value);
    const payload = this.#sealFor(target, lane)(childPosition(position, ordinal), at, dataMember(target.codec, value));
    checkPutable(target.name, partitionKey, payload);
    return { kind: 'record', stream: target.name, partitionKey, payload };
  }

  #sealFor({ name }: Stream<unknown>, lane: string): ReturnType<typeof sealer> {
    const known = this.#seals.get(name);
    if (known?.lane === lane) return known.seal;
    const seal = sealer(name, laneThrough(lane, this.#processor.id));
    this.#seals.set(name, { lane, seal });
    return seal;
  }

  #unitFor(stream: string, partitionKey: string): Unit {
    const last = this.#lastUnit;
    if (last?.partitionKey === partitionKey && last.stream === stream) return last;
    const id = `${stream}/${partitionKey}`;
    const unit = this.#units.get(id) ?? { stream, partitionKey, payloads: [] };
    this.#units.set(id, unit);
    this.#lastUnit = unit;
    return unit;
  }
}

const MOST_KEY_CHARACTERS = 256;
/** No UTF-16 unit takes more bytes in UTF-8. */
const MOST_BYTES_PER_CHARACTER = 3;

/** What no stream takes must not be tried for ever: it is a fault of the step, like one that throws. */
const checkPutable = (stream: string, partitionKey: string, payload: string): void => {
  if (partitionKey.length === 0 || partitionKey.length > MOST_KEY_CHARACTERS) {
    throw new RangeError(
      `a record for stream '${stream}' has a partition key of ${String(partitionKey.length)} characters: 1 to ${String(MOST_KEY_CHARACTERS)} are allowed`,
    );
  }
  if ((payload.length + partitionKey.length) * MOST_BYTES_PER_CHARACTER <= KINESIS_RECORD_BYTES) return;
  const bytes = Buffer.byteLength(payload) + Buffer.byteLength(partitionKey);
  if (bytes > KINESIS_RECORD_BYTES) {
    throw new RangeError(
      `a record for stream '${stream}' has ${String(bytes)} bytes with its key, at most ${String(KINESIS_RECORD_BYTES)} are taken: store the value elsewhere and send a reference`,
    );
  }
};

/** A value on its way to a person, before the batch's values for that person are put together. */
export interface Note {
  readonly kind: 'note';
  readonly target: Notification<unknown>;
  readonly recipient: string;
  readonly value: unknown;
}

interface Unit extends EmissionUnit {
  readonly payloads: string[];
}

interface Sealed {
  readonly kind: 'record';
  readonly stream: string;
  readonly partitionKey: string;
  readonly payload: string;
}

type Prepared = Note | Sealed;

/** One message per notification and recipient. */
export const digests = (notes: readonly Note[]): readonly Dispatch[] => {
  const groups = new Map<string, Note[]>();
  for (const note of notes) {
    const id = `${note.target.name} ${note.recipient}`;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [note]);
    else group.push(note);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { target, recipient } = first;
    return [
      {
        notification: target.name,
        message: target.digest(
          recipient,
          group.map(({ value }) => value),
        ),
      },
    ];
  });
};
