import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** An item, or the key of one, as DynamoDB writes it. */
export type Item = Record<string, AttributeValue>;

/** The text in an attribute; undefined where there is none. */
export const textIn = (item: Item, name: string): string | undefined => item[name]?.S;

/** The number in an attribute; undefined where there is none. */
export const numberIn = (item: Item, name: string): number | undefined => {
  const digits = item[name]?.N;
  return digits === undefined ? undefined : Number(digits);
};

/** The texts in a map; none where there is no map. */
export const textsIn = (item: Item, name: string): Record<string, string> => {
  const texts: Record<string, string> = {};
  for (const [key, { S }] of Object.entries(item[name]?.M ?? {})) if (S !== undefined) texts[key] = S;
  return texts;
};

/** A map of texts. */
export const mapOf = (texts: Readonly<Record<string, string>>): AttributeValue => {
  const map: Item = {};
  for (const [key, S] of Object.entries(texts)) map[key] = { S };
  return { M: map };
};
