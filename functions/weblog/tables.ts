import { json, table, type Table } from '../../shared/index.ts';
import type { Page, Volume } from './streams.ts';

/** Volume of the whole site in five minutes, and the ten pages requested most, most first. */
export interface TopPages extends Volume {
  /** Start of the five minutes; ISO 8601. */
  readonly start: string;
  readonly pages: readonly Page[];
}

/** The top pages by time. Key: `1995-08-01T06:00:00.000Z`. */
export const topPages: Table<TopPages> = table(
  'weblog-top-pages',
  json('top pages', (value): value is TopPages => typeof value === 'object' && value !== null && 'pages' in value),
);
