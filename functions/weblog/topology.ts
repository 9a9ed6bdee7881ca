import { topology, type Topology } from '../../shared/index.ts';
import { parse } from './parse.ts';
import { bucketTop, siteTop } from './top-pages.ts';
import { countTraffic } from './traffic.ts';
import { watch } from './watch.ts';

/** Options of the web log pipeline. */
export interface WeblogOptions {
  /** Minutes of event time that five minutes stay open after their end, for lines out of order; 0 to 1440. @default 5 */
  readonly graceMinutes?: number;
}

/**
 * Access log lines to traffic per URL and five minutes, the top pages of the site, and alerts of 404 and 5xx episodes.
 *
 * The partition key, from the raw line to the top pages, is one of 32 buckets of the URL:
 *
 * - by **site**, everything would have one order and one shard could carry it, and no more;
 * - by **host** (the client), nothing here would be in one place: traffic and episodes are about URLs, so each request would change
 *   its key on the way, and wait for the slowest shard before its window closes;
 * - by **URL**, order is right, but a URL may be longer than a partition key, and event time of a page seen once a day moves once a
 *   day: its windows would wait for the clock.
 *
 * All requests of a URL are in one bucket, in order; a bucket is never idle for long; and a row of the top pages has 32
 * contributions, not one a page. A producer that partitions lines in another way is no error: the requests change their key then.
 */
export const weblog = ({ graceMinutes = 5 }: WeblogOptions = {}): Topology => {
  const graceMs = graceMinutes * 60_000;
  return topology('weblog', [parse, countTraffic({ graceMs }), bucketTop, siteTop, watch({ graceMs })]);
};
