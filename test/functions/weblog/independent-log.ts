/*
 * The web log pipeline computed the short way: one pass over the lines in plain maps, cut by splitting and not by patterns. It shares
 * no code with the pipeline on purpose.
 */

/** What came of a log that has no bad line. */
export interface IndependentTotals {
  readonly requests: number;
  /** `start url` to `requests bytes`. */
  readonly traffic: ReadonlyMap<string, string>;
  /** Start of five minutes to the ten URLs requested most, as `requests url`. */
  readonly top: ReadonlyMap<string, readonly string[]>;
  /** `error url kind since last errors`, of a URL in order. */
  readonly alerts: readonly string[];
}

interface Hit {
  readonly seconds: number;
  readonly url: string;
  readonly status: string;
  readonly bytes: number;
}

const combinedHit = (line: string): Hit => {
  const [before = '', request = '', result = ''] = line.split('"');
  const [date = '', hours, minutes, seconds] = (before.split('[')[1] ?? '').split(' ')[0]?.split(':') ?? [];
  const [, status = '', bytes = ''] = result.split(' ');
  return {
    // Dates in the way of `17 May 2015` are understood by the language itself.
    seconds: Date.parse(`${date.replaceAll('/', ' ')} ${hours ?? ''}:${minutes ?? ''}:${seconds ?? ''} GMT`) / 1_000,
    url: request.slice(request.indexOf(' ') + 1, request.lastIndexOf(' ')),
    status,
    bytes: bytes === '-' ? 0 : Number(bytes),
  };
};

const traceHit = (line: string): Hit => {
  const [, , seconds, , url = '', status = '', bytes] = line.split('\t');
  return { seconds: Number(seconds), url, status, bytes: Number(bytes) };
};

/** The part of a URL that the pipeline keeps of any; what follows in a long one is a digest there. */
export const comparableUrl = (url: string): string => url.slice(0, 220);

const iso = (seconds: number): string => new Date(seconds * 1_000).toISOString();

/** Computes the totals of lines that are all good; a header is left out by the caller. */
export const independentTotals = (lines: readonly string[]): IndependentTotals => {
  const hits = lines
    .map((line) => (line.includes('\t') ? traceHit(line) : combinedHit(line)))
    .map((hit) => ({ ...hit, url: comparableUrl(hit.url) }));
  const sums = new Map<number, Map<string, { requests: number; bytes: number }>>();
  for (const { seconds, url, bytes } of hits) {
    const start = seconds - (seconds % 300);
    const urls = sums.get(start) ?? new Map<string, { requests: number; bytes: number }>();
    const sum = urls.get(url) ?? { requests: 0, bytes: 0 };
    urls.set(url, { requests: sum.requests + 1, bytes: sum.bytes + bytes });
    sums.set(start, urls);
  }
  const traffic = new Map<string, string>();
  const top = new Map<string, readonly string[]>();
  for (const [start, urls] of sums) {
    for (const [url, { requests, bytes }] of urls) {
      traffic.set(`${iso(start)} ${url}`, `${String(requests)} ${String(bytes)}`);
    }
    const names = [...urls.keys()].sort();
    const ranked = names.sort((one, other) => (urls.get(other)?.requests ?? 0) - (urls.get(one)?.requests ?? 0));
    top.set(
      iso(start),
      ranked.slice(0, 10).map((url) => `${String(urls.get(url)?.requests)} ${url}`),
    );
  }
  return { requests: hits.length, traffic, top, alerts: episodesOf(hits) };
};

/** Times of the errors of each URL, sorted, then cut where there is a pause: what the pipeline finds without looking ahead. */
const episodesOf = (hits: readonly Hit[]): readonly string[] => {
  const errors = new Map<string, number[]>();
  for (const { seconds, url, status } of hits) {
    const kind = status.startsWith('5') ? '5xx' : status;
    if (kind !== '5xx' && kind !== '404') continue;
    errors.set(`${kind} ${url}`, [...(errors.get(`${kind} ${url}`) ?? []), seconds]);
  }
  const said: string[] = [];
  for (const [name, unsorted] of errors) {
    const times = unsorted.sort((one, other) => one - other);
    const needed = name.startsWith('404') ? 5 : 1;
    let at = 0;
    while (at + needed <= times.length) {
      const [first = 0, enough = 0] = [times[at], times[at + needed - 1]];
      if (enough - first > 300) {
        at += 1;
        continue;
      }
      let end = at + needed;
      while (end < times.length && (times[end] ?? 0) - (times[end - 1] ?? 0) <= 300) end += 1;
      const last = times[end - 1] ?? 0;
      said.push(`${name} alert ${iso(first)} ${iso(enough)} ${String(needed)}`);
      said.push(`${name} resolved ${iso(first)} ${iso(last)} ${String(end - at)}`);
      at = end;
    }
  }
  return said;
};
