import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { FormerRow } from '../../engine/ports.ts';
import { MAX_ITEM_BYTES } from '../state-store.ts';
import { itemBytes } from './item-size.ts';
import { numberIn, textIn, type Item } from './items.ts';
import { rowKey } from './row-keys.ts';

/*
 * A row of reference data keeps what it was: `h` is a list of { u: until when, v: the JSON it had, left out where there was no
 * row }, newest first; `e` counts its edits. A row that was taken away is an item without `value`, which DynamoDB may delete
 * (`x`) when nothing of its past is needed any more.
 */

/** For how long something of a table of reference data is kept in a warm environment, in milliseconds. */
export const TABLE_CACHE_MS = 60_000;

/** From when on records see an edit, after it was made: by then every environment has read the table again. */
export const EFFECT_AFTER_MS: number = 2 * TABLE_CACHE_MS;

/** How far back the past of a row is known, in milliseconds: longer than a stream redelivers, which is a day by default. */
export const REMEMBER_MS: number = 25 * 3_600_000;

/** A row that is edited more often within {@link REMEMBER_MS} forgets the earliest of its past. */
const MAX_FORMER = 100;

/** What a row was; `text` is JSON, undefined where there was no row. */
export interface FormerText {
  readonly untilMs: number;
  readonly text: string | undefined;
}

/** The past of the row in an item, newest first. */
export const pastOf = (item: Item): readonly FormerText[] =>
  (item['h']?.L ?? []).flatMap(({ M }) => {
    const untilMs = M && numberIn(M, 'u');
    return M === undefined || untilMs === undefined ? [] : [{ untilMs, text: textIn(M, 'v') }];
  });

/** The past of rows as an engine asks for it, newest edit first; what is too long ago is left out. */
export const formerRowsOf = (pasts: Iterable<readonly [string, readonly FormerText[]]>, nowMs: number): FormerRow[] => {
  const former: FormerRow[] = [];
  for (const [key, past] of pasts) {
    for (const { untilMs, text } of past) {
      if (untilMs <= nowMs - REMEMBER_MS) continue;
      const row: unknown = text === undefined ? undefined : JSON.parse(text);
      former.push({ key, untilMs, row });
    }
  }
  return former.sort((one, other) => other.untilMs - one.untilMs);
};

/** An edit of a row. */
export interface RowEdit {
  readonly key: string;
  /** JSON; undefined to take the row away. */
  readonly text: string | undefined;
  /** The row's item before the edit. */
  readonly before: Item | undefined;
  readonly nowMs: number;
  /** Whether the table's first rows are just being loaded: a row that is new then counts at once. */
  readonly isFirstLoad: boolean;
}

/**
 * The item of a row after an edit; undefined if the edit changes nothing. Records that arrive before {@link EFFECT_AFTER_MS}
 * have passed still see what the row was.
 */
export const editedItem = ({ key, text, before, nowMs, isFirstLoad }: RowEdit): Item | undefined => {
  const current = before && textIn(before, 'value');
  if (current === text) return undefined;
  const past = before === undefined ? [] : pastOf(before);
  const effectMs = nowMs + (isFirstLoad && before === undefined ? 0 : EFFECT_AFTER_MS);
  // An edit never counts before the one before it, whatever the clocks of those who edit say.
  const untilMs = Math.max(effectMs, past[0]?.untilMs ?? effectMs);
  const kept = [
    { untilMs, text: current },
    ...past.filter((former) => former.untilMs > nowMs - REMEMBER_MS).slice(0, MAX_FORMER - 1),
  ];
  const itemWith = (former: readonly FormerText[]): Item => ({
    ...bareItem(key, text),
    e: { N: String(((before && numberIn(before, 'e')) ?? 0) + 1) },
    h: { L: former.map(formerAttribute) },
    ...(text === undefined && { x: { N: String(Math.ceil((untilMs + REMEMBER_MS) / 1000)) } }),
  });
  // A row so large that its past has no room beside it forgets the earliest of it.
  while (kept.length > 0 && itemBytes(itemWith(kept)) > MAX_ITEM_BYTES) kept.pop();
  return itemWith(kept);
};

/** The item of a row without its past. */
export const bareItem = (key: string, text: string | undefined): Item => {
  const { b, k } = rowKey(key);
  return { b: { S: b }, k: { S: k }, key: { S: key }, ...(text !== undefined && { value: { S: text } }) };
};

const formerAttribute = ({ untilMs, text }: FormerText): AttributeValue => ({
  M: { u: { N: String(untilMs) }, ...(text !== undefined && { v: { S: text } }) },
});
