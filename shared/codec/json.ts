import { malformed, type Codec, type Decoded } from './codec.ts';
import { jsonText } from './json-text.ts';
import { longIntegersIn, type LongInteger } from './long-integers.ts';
import { bytesOf, exactTextOf, notUtf8 } from './text-bytes.ts';

/** How {@link json} reads. */
export interface JsonOptions {
  /**
   * What becomes of an integer whose digits a number does not keep, such as an id of 64 bits: beyond 2^53 two integers may be
   * one and the same number. `'refuse'`: the record is malformed. `'text'`: the value is the text of its digits, so a member
   * that may hold such ids is `number | string` to the guard; written again it is text in quotes, and read again the same.
   *
   * @default 'refuse'
   */
  readonly bigints?: 'refuse' | 'text';
}

/**
 * JSON in UTF-8, checked by a type guard in both directions.
 *
 * `name` is what the value is called when it is refused: `not a reading`. A byte order mark at the beginning of a document is
 * no part of its value and is left out. Writing throws a `RangeError` for what JSON cannot hold, see `jsonText`.
 *
 * @example
 * ```ts
 * const celsius = json('temperature', (value): value is number => typeof value === 'number');
 * celsius.fromText('14.4'); // { kind: 'value', value: 14.4 }
 * celsius.fromData('warm'); // { kind: 'malformed', reason: 'not a temperature' }
 * ```
 */
export const json = <Value>(
  name: string,
  guard: (value: unknown) => value is Value,
  { bigints = 'refuse' }: JsonOptions = {},
): Codec<Value> => {
  const refused: Decoded<Value> = malformed(`not a ${name}`);
  const fromData = (data: unknown): Decoded<Value> => {
    try {
      return guard(data) ? { kind: 'value', value: data } : refused;
    } catch (error) {
      return malformed(`not a ${name}: its guard threw ${String(error)}`);
    }
  };
  const fromText = (text: string): Decoded<Value> => {
    const parsed = parseExactly(text, bigints);
    return parsed.kind === 'value' ? fromData(parsed.value) : parsed;
  };
  const toData = (value: Value): string => {
    const text = jsonText(value);
    if (guard(value)) return text;
    throw new RangeError(
      `not a ${name}, as the guard of its codec says: ${text.slice(0, MAX_CHARS_SHOWN).toWellFormed()}`,
    );
  };
  return {
    contentType: 'application/json',
    dataMember: 'data',
    decode: (payload) => {
      const text = exactTextOf(payload);
      if (text === undefined) return notUtf8(payload, 'json(...)');
      return fromText(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
    },
    encode: (value) => bytesOf(toData(value)),
    fromText,
    fromData,
    toData,
  };
};

const BYTE_ORDER_MARK = '\ufeff';
const MAX_CHARS_SHOWN = 200;

/** `JSON.parse` whose failure is an outcome. Integers beyond 2^53 may lose digits. */
export const parseJson = (text: string): Decoded<unknown> => {
  try {
    return { kind: 'value', value: JSON.parse(text) };
  } catch (error) {
    const advice = text.includes('\0') ? '; looks like UTF-16, convert it to UTF-8 at the producer' : '';
    return malformed(`not JSON: ${error instanceof Error ? error.message : String(error)}${advice}`);
  }
};

const parseExactly = (text: string, bigints: 'refuse' | 'text'): Decoded<unknown> => {
  const parsed = parseJson(text);
  if (parsed.kind === 'malformed') return parsed;
  const [first, ...others] = longIntegersIn(text);
  if (first === undefined) return parsed;
  return bigints === 'text' ? parseJson(quoted(text, [first, ...others])) : malformed(lostDigits(text, first));
};

const quoted = (text: string, integers: readonly LongInteger[]): string => {
  let at = 0;
  let result = '';
  for (const { digits, start, endExclusive } of integers) {
    result += `${text.slice(at, start)}"${digits}"`;
    at = endExclusive;
  }
  return result + text.slice(at);
};

const lostDigits = (text: string, { digits, start }: LongInteger): string => {
  const member = /"([^"\\]{1,64})"\s*:\s*$/u.exec(text.slice(Math.max(0, start - 100), start))?.[1];
  const shown = digits.length <= MAX_CHARS_SHOWN ? digits : `${digits.slice(0, MAX_CHARS_SHOWN)}…`;
  return `the integer ${shown}${member === undefined ? '' : ` of "${member}"`} would become ${String(Number(digits))}: write it as text at the producer, or read it as text with json(..., { bigints: 'text' })`;
};
