import { bytesOf, textOf } from './text-bytes.ts';
import type { Codec, Decoded } from './codec.ts';

/**
 * JSON in UTF-8, checked by a type guard on the way in.
 *
 * `name` is what the value is called when it is refused: `not a reading`.
 *
 * @example
 * ```ts
 * const celsius = json('temperature', (value): value is number => typeof value === 'number');
 * celsius.fromData(14.4); // { kind: 'value', value: 14.4 }
 * celsius.fromData('warm'); // { kind: 'malformed', reason: 'not a temperature' }
 * ```
 */
export const json = <Value>(name: string, guard: (value: unknown) => value is Value): Codec<Value> => {
  const refused: Decoded<Value> = { kind: 'malformed', reason: `not a ${name}` };
  const fromData = (data: unknown): Decoded<Value> => (guard(data) ? { kind: 'value', value: data } : refused);
  return {
    contentType: 'application/json',
    dataMember: 'data',
    decode: (payload) => {
      const parsed = parseJson(textOf(payload));
      return parsed.kind === 'value' ? fromData(parsed.value) : parsed;
    },
    encode: (value) => bytesOf(JSON.stringify(value)),
    fromData,
    toData: (value) => JSON.stringify(value),
  };
};

/** `JSON.parse` whose failure is an outcome. */
export const parseJson = (text: string): Decoded<unknown> => {
  try {
    return { kind: 'value', value: JSON.parse(text) };
  } catch (error) {
    return { kind: 'malformed', reason: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
};
