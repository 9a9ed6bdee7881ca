/** The fields of a version 3 source map that are used here. */
interface SourceMap {
  readonly version: 3;
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

/**
 * Removes packages and variable names from a source map, which leaves a tenth of it. Node reads the whole map when a function
 * starts, so every cold start pays for it, and stack traces only need the positions in our own code.
 *
 * Throws a `TypeError` for text that is not a source map.
 */
export const ownSourceMap = (json: string): string => {
  const map: unknown = JSON.parse(json);
  if (!isSourceMap(map)) throw new TypeError('the bundler has written something that is no source map of version 3');
  const kept = new Map<number, number>();
  for (const [index, source] of map.sources.entries()) {
    if (!source.includes('node_modules/')) kept.set(index, kept.size);
  }
  return JSON.stringify({
    version: map.version,
    sources: map.sources.filter((_, index) => kept.has(index)),
    names: [],
    mappings: withSources(map.mappings, kept),
  });
};

const isSourceMap = (value: unknown): value is SourceMap =>
  typeof value === 'object' &&
  value !== null &&
  'version' in value &&
  value.version === 3 &&
  'sources' in value &&
  Array.isArray(value.sources) &&
  'mappings' in value &&
  typeof value.mappings === 'string';

/**
 * Numbers sources anew and drops segments of those that are not kept; the first of several in a row stays as a bare column,
 * which ends the mapping before it.
 */
const withSources = (mappings: string, kept: ReadonlyMap<number, number>): string => {
  const from = { source: 0, line: 0, column: 0 };
  const to = { source: 0, line: 0, column: 0 };
  const rewriteLine = (text: string): string => {
    let fromGenerated = 0;
    let toGenerated = 0;
    let isMapped = false;
    const segments: string[] = [];
    for (const segment of text.split(',')) {
      const [generated, source, line, column] = decoded(segment);
      if (generated === undefined) continue;
      fromGenerated += generated;
      from.source += source ?? 0;
      from.line += line ?? 0;
      from.column += column ?? 0;
      const number = source === undefined ? undefined : kept.get(from.source);
      if (number === undefined && !isMapped) continue;
      isMapped = number !== undefined;
      const fields = [fromGenerated - toGenerated];
      toGenerated = fromGenerated;
      if (number !== undefined) {
        fields.push(number - to.source, from.line - to.line, from.column - to.column);
        Object.assign(to, { source: number, line: from.line, column: from.column });
      }
      segments.push(fields.map(encoded).join(''));
    }
    return segments.join(',');
  };
  return mappings.split(';').map(rewriteLine).join(';');
};

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The numbers of a segment: five bits a digit, low ones first, the lowest of all is the sign. */
const decoded = (segment: string): readonly number[] => {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of segment) {
    const digit = DIGITS.indexOf(character);
    value += (digit & 31) << shift;
    shift += 5;
    if (digit > 31) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
};

const encoded = (value: number): string => {
  let text = '';
  let left = value < 0 ? (-value << 1) | 1 : value << 1;
  do {
    const digit = left & 31;
    left >>>= 5;
    text += DIGITS.charAt(left > 0 ? digit | 32 : digit);
  } while (left > 0);
  return text;
};
