import { textOf } from '../../../codec/text-bytes.ts';
import { compilePattern } from './event-pattern.ts';

/** As the Lambda API has it: up to five filters, of which a record needs to match one. */
export interface FilterCriteria {
  /** `pattern` is JSON text whose only key is `data`: `{"data":{"type":["buy"]}}`. */
  readonly filters: readonly { readonly pattern: string }[];
}

const MAX_FILTERS = 5;

/**
 * Compiles filter criteria to a function that says whether a record is delivered.
 *
 * A record that is not JSON matches nothing, and so is discarded; a KPL-aggregated record is such a record. Throws a
 * `TypeError` for what Lambda refuses when the mapping is created: more than five filters, a pattern that is not JSON, a
 * key other than `data`, a rule that does not exist.
 *
 * @example
 * ```ts
 * const buys = compileFilter({ filters: [{ pattern: '{"data":{"type":["buy"]}}' }] });
 * buys(new TextEncoder().encode('{"type":"buy"}')); // true
 * buys(new TextEncoder().encode('buy')); // false
 * ```
 */
export const compileFilter = ({ filters }: FilterCriteria): ((data: Uint8Array) => boolean) => {
  if (filters.length === 0 || filters.length > MAX_FILTERS) {
    throw new TypeError(`filterCriteria takes 1 to ${String(MAX_FILTERS)} filters, got ${String(filters.length)}`);
  }
  const matchers = filters.map(({ pattern }, index) => compileData(pattern, `filters[${String(index)}].pattern`));
  return (data) => {
    const value = jsonOf(data);
    return value !== NOT_JSON && matchers.some((matches) => matches(value));
  };
};

const NOT_JSON = Symbol('not JSON');

const jsonOf = (data: Uint8Array): unknown => {
  try {
    return JSON.parse(textOf(data));
  } catch {
    return NOT_JSON;
  }
};

const compileData = (pattern: string, path: string): ReturnType<typeof compilePattern> => {
  const parsed = jsonOf(Buffer.from(pattern));
  if (parsed === NOT_JSON) throw new TypeError(`${path} must be JSON text, got '${pattern}'`);
  const keys = typeof parsed === 'object' && parsed !== null ? Object.keys(parsed) : [];
  if (typeof parsed !== 'object' || parsed === null || !('data' in parsed) || keys.length !== 1) {
    throw new TypeError(`${path} must be an object whose only key is data, as Kinesis mappings filter on nothing else`);
  }
  return compilePattern(parsed.data, `${path}.data`);
};
