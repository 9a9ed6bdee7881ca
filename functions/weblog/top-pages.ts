import { aggregate, tumbling, windowed } from '../../shared/index.ts';
import { bucketTops, traffic, type Page, type Volume } from './streams.ts';
import { topPages } from './tables.ts';
import { FIVE_MINUTES_MS } from './traffic.ts';

const TOP_PAGES = 10;

interface Top extends Volume {
  readonly pages: readonly Page[];
}

/** The top of two sets of pages that have none in common: in any order the same. */
const merge = (one: Top, other: Top): Top => ({
  requests: one.requests + other.requests,
  bytes: one.bytes + other.bytes,
  pages: [...one.pages, ...other.pages].sort(byRank).slice(0, TOP_PAGES),
});

/** Most requests first; ties go to the URL that sorts first. */
const byRank = (one: Page, other: Page): number => other.requests - one.requests || (one.url < other.url ? -1 : 1);

/**
 * The top pages of each bucket. A row of the table then has one contribution a bucket, however many pages the site has. Traffic of a
 * bucket comes in the order of its windows, so no grace is needed.
 */
export const bucketTop = windowed({
  id: 'weblog/bucket-top',
  from: traffic,
  to: { tops: bucketTops },
  key: () => 'top',
  window: tumbling({ sizeMs: FIVE_MINUTES_MS, graceMs: 0 }),
  initial: (): Top => ({ requests: 0, bytes: 0, pages: [] }),
  add: (top, { url, requests, bytes }) => merge(top, { requests, bytes, pages: [{ url, requests, bytes }] }),
  emit: 'final',
  result: (top, { partitionKey, startMs }) => ({
    tops: [{ bucket: partitionKey, start: new Date(startMs).toISOString(), ...top }],
  }),
});

/** The table of top pages: all buckets of five minutes in one row. */
export const siteTop = aggregate({
  id: 'weblog/site-top',
  from: bucketTops,
  key: ({ start }) => start,
  fanIn: true,
  as: topPages,
  initial: ({ start }) => ({ start, requests: 0, bytes: 0, pages: [] }),
  add: ({ start, ...row }, top) => ({ start, ...merge(row, top) }),
});
