import type { Codec, Decoded } from '../codec/codec.ts';
import { parseJson } from '../codec/json.ts';
import { bytesOf, textOf } from '../codec/text-bytes.ts';
import { stream, type Stream } from './stream.ts';

/** Logical streams by name. */
export type LogicalStreams = Readonly<Record<string, Stream<unknown>>>;

/** The values of a stream. */
export type ValueOf<Input> = Input extends Stream<infer Value> ? Value : never;

/** A record of a merged stream: which logical stream it belongs to, and its value there. */
export interface Tagged {
  readonly input: string;
  readonly value: unknown;
}

/** A physical stream that carries several logical ones. Processors read it whole, and write to its `inputs`. */
export interface MergedStream<Inputs extends LogicalStreams> extends Stream<Tagged> {
  readonly inputs: { readonly [Name in keyof Inputs]: Stream<ValueOf<Inputs[Name]>> };
}

/**
 * Merges logical streams into one physical stream, so that the records of one partition key have one order, whichever of them
 * they belong to: what a join reads. Two mappings would interleave two streams differently on a retry.
 *
 * ```ts ignore
 * const goods = merged('goods', { sales, deliveries });
 * processor({ from: goods, step: ({ input, value }) => … });   // input: 'sales' | 'deliveries'
 * processor({ to: { out: goods.inputs.sales }, … });
 * ```
 */
export const merged = <const Inputs extends LogicalStreams>(name: string, inputs: Inputs): MergedStream<Inputs> => {
  const known = new Map<string, Stream<unknown>>(Object.entries<Stream<unknown>>(inputs));
  if (known.size < 2) {
    throw new RangeError(`merged stream '${name}' needs at least two streams, got ${String(known.size)}`);
  }
  const streamOf = (input: string): Stream<unknown> => {
    const found = known.get(input);
    if (found !== undefined) return found;
    throw new RangeError(`merged stream '${name}' has no input '${input}', only '${[...known.keys()].join("', '")}'`);
  };
  const isTimed = [...known.values()].every((part) => part.eventTimeMs !== undefined);
  const whole = stream<Tagged>(name, {
    codec: taggedCodec(name, known),
    partitionKey: ({ input, value }, from) => streamOf(input).partitionKey(value, from),
    ...(isTimed && { eventTimeMs: ({ input, value }: Tagged) => streamOf(input).eventTimeMs?.(value) ?? Number.NaN }),
  });
  const parts = Object.fromEntries(
    Array.from(known, ([input, part]): [string, Stream<unknown>] => [
      input,
      { ...part, name: whole.name, mergedIn: whole, codec: inputCodec(input, part.codec, whole.codec) },
    ]),
  );
  if (!areInputsOf(inputs, parts)) throw new TypeError(`merged stream '${name}' lost an input`);
  // The very stream that its inputs name: a topology tells streams apart by identity.
  return Object.assign(whole, { inputs: parts });
};

/** The stream that is written where a processor writes to this one. */
export const physicalStream = (one: Stream<unknown>): Stream<unknown> => one.mergedIn ?? one;

/** Tells the compiler what the loop that made `parts` did: one stream per input. */
const areInputsOf = <Inputs extends LogicalStreams>(
  inputs: Inputs,
  parts: object,
): parts is MergedStream<Inputs>['inputs'] => Object.keys(inputs).every((name) => name in parts);

const taggedCodec = (name: string, known: ReadonlyMap<string, Stream<unknown>>): Codec<Tagged> => {
  const fromData = (data: unknown): Decoded<Tagged> => {
    if (!isTagged(data))
      return { kind: 'malformed', reason: `not a record of merged stream '${name}': no 'input' and 'value'` };
    const part = known.get(data.input);
    if (part === undefined) {
      const names = [...known.keys()].join("', '");
      return {
        kind: 'malformed',
        reason: `merged stream '${name}' has no input '${data.input.slice(0, 100)}', only '${names}'`,
      };
    }
    const decoded = part.codec.fromData(data.value);
    return decoded.kind === 'value' ? { kind: 'value', value: { input: data.input, value: decoded.value } } : decoded;
  };
  const fromText = (text: string): Decoded<Tagged> => {
    const parsed = parseJson(text);
    return parsed.kind === 'value' ? fromData(parsed.value) : parsed;
  };
  const toData = ({ input, value }: Tagged): string =>
    `{"input":${JSON.stringify(input)},"value":${known.get(input)?.codec.toData(value) ?? 'null'}}`;
  return {
    contentType: 'application/json',
    dataMember: 'data',
    prepare: async () => {
      await Promise.all([...known.values()].map(({ codec }) => codec.prepare?.() ?? Promise.resolve()));
    },
    decode: (payload) => fromText(textOf(payload)),
    encode: (value) => bytesOf(toData(value)),
    fromText,
    fromData,
    toData,
  };
};

/** Values of one input, written as records of the whole. */
const inputCodec = <Value>(input: string, part: Codec<Value>, whole: Codec<Tagged>): Codec<Value> => ({
  ...part,
  contentType: whole.contentType,
  dataMember: 'data',
  encode: (value) => bytesOf(`{"input":${JSON.stringify(input)},"value":${part.toData(value)}}`),
  toData: (value) => `{"input":${JSON.stringify(input)},"value":${part.toData(value)}}`,
});

/** Whether a value says which input it belongs to. */
export const isTagged = (value: unknown): value is Tagged =>
  typeof value === 'object' &&
  value !== null &&
  'input' in value &&
  typeof value.input === 'string' &&
  'value' in value;
