import { bucketOf, json, stream, text, type Stream } from '../../shared/index.ts';
import { parseLogLine, type InvalidReason, type LoggedRequest } from './log-line.ts';

/** A line that was refused, and why. */
export interface InvalidLine {
  readonly reason: InvalidReason;
  /** The original text, or its first 1,000 characters. */
  readonly line: string;
}

/** Requests and bytes of a URL or of a group of them. */
export interface Volume {
  readonly requests: number;
  readonly bytes: number;
}

/** A URL with its volume. */
export interface Page extends Volume {
  readonly url: string;
}

/** Volume of a URL in five minutes of event time. */
export interface Traffic extends Page {
  /** Start of the five minutes; ISO 8601. */
  readonly start: string;
}

/** Volume of all URLs of one bucket in five minutes, and the pages requested most, most first. */
export interface BucketTop extends Volume {
  readonly bucket: string;
  /** Start of the five minutes; ISO 8601. */
  readonly start: string;
  readonly pages: readonly Page[];
}

/** What is watched for: a page that is not there, or one whose server fails. */
export type ErrorKind = '404' | '5xx';

/** The beginning or the end of an episode of errors of one URL. */
export interface Alert {
  readonly kind: 'alert' | 'resolved';
  readonly error: ErrorKind;
  readonly url: string;
  /** Time of the first and of the newest error of the episode; ISO 8601. */
  readonly since: string;
  readonly last: string;
  /** Errors of the episode up to now. */
  readonly errors: number;
}

/** How many ways the URLs of a site are divided; see {@link weblog} for why. */
const BUCKETS = 32;

const byUrl = ({ url }: { readonly url: string }): string => bucketOf(url, BUCKETS);
const byStart = ({ start }: { readonly start: string }): number => Date.parse(start);

const has =
  <Value>(...fields: readonly (keyof Value & string)[]) =>
  (value: unknown): value is Value =>
    typeof value === 'object' && value !== null && fields.every((field) => field in value);

/** Lines of an access log as they arrive, partitioned by the bucket of their URL; what has none is partitioned by its text. */
export const rawLines: Stream<string> = stream('weblog-raw', {
  codec: text(),
  partitionKey: (line) => {
    const parsed = parseLogLine(line);
    return bucketOf(parsed.kind === 'request' ? parsed.request.url : line, BUCKETS);
  },
});

/** Good lines, parsed. */
export const requests: Stream<LoggedRequest> = stream('weblog-requests', {
  codec: json('request', has<LoggedRequest>('timeMs', 'url', 'status', 'bytes')),
  partitionKey: byUrl,
  eventTimeMs: ({ timeMs }) => timeMs,
});

/** Lines that were refused, with the reason. */
export const invalidLines: Stream<InvalidLine> = stream('weblog-invalid', {
  codec: json('invalid line', has<InvalidLine>('reason', 'line')),
  partitionKey: ({ line }, from) => from ?? bucketOf(line, BUCKETS),
});

/** The result: volume per URL and five minutes. */
export const traffic: Stream<Traffic> = stream('weblog-traffic', {
  codec: json('traffic', has<Traffic>('url', 'start', 'requests', 'bytes')),
  partitionKey: byUrl,
  eventTimeMs: byStart,
});

/** Requests that arrived after their five minutes were closed. */
export const lateRequests: Stream<LoggedRequest> = stream('weblog-late', {
  codec: json('request', has<LoggedRequest>('timeMs', 'url', 'status', 'bytes')),
  partitionKey: byUrl,
  eventTimeMs: ({ timeMs }) => timeMs,
});

/** What the table of top pages is put together from. */
export const bucketTops: Stream<BucketTop> = stream('weblog-bucket-tops', {
  codec: json('top of a bucket', has<BucketTop>('bucket', 'start', 'pages')),
  partitionKey: ({ bucket }) => bucket,
  eventTimeMs: byStart,
});

/** Episodes of errors, as they begin and end. */
export const alerts: Stream<Alert> = stream('weblog-alerts', {
  codec: json('alert', has<Alert>('kind', 'error', 'url')),
  partitionKey: byUrl,
  eventTimeMs: ({ last }) => Date.parse(last),
});
