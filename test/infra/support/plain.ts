/**
 * A value of a template with its references as text: `StreamWeatherRaw` for a reference to that resource,
 * `StreamWeatherRaw.Arn` for an attribute of it, without the hash that ends a logical id.
 */
export const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  const [first] = entries;
  if (first !== undefined && entries.length === 1) {
    const [name, argument] = first;
    if (name === 'Ref') return withoutHash(String(argument));
    if (name === 'Fn::GetAtt' && Array.isArray(argument)) return argument.map(String).map(withoutHash).join('.');
    if (name === 'Fn::Join' && Array.isArray(argument)) {
      const parts = plain(argument[1]);
      if (Array.isArray(parts)) return parts.map(String).join(String(argument[0]));
    }
  }
  return Object.fromEntries(entries.map(([name, one]) => [name, plain(one)]));
};

const withoutHash = (logicalId: string): string => logicalId.replace(/(?<=.)[0-9A-F]{8}$/u, '');

/** The same for a value that must be text, or an object of texts. */
export const plainTexts = (value: unknown): Readonly<Record<string, string>> => {
  const texts = plain(value);
  if (typeof texts !== 'object' || texts === null) throw new TypeError(`not an object: ${JSON.stringify(texts)}`);
  return Object.fromEntries(Object.entries(texts).map(([name, text]: [string, unknown]) => [name, String(text)]));
};
