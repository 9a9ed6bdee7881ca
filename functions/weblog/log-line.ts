import { shortPartitionKey } from '../../shared/index.ts';

/** One request, as a line of an access log tells it. */
export interface LoggedRequest {
  /** When it came in, in milliseconds since 1970. */
  readonly timeMs: number;
  readonly host: string;
  readonly method: string;
  /** As logged, query included; longer than 256 characters it is cut, and a digest tells it from others: see `shortPartitionKey`. */
  readonly url: string;
  /** 100 to 599. */
  readonly status: number;
  /** Bytes sent; 0 where the log has `-`. */
  readonly bytes: number;
}

/** Why a line is refused: the closed list. */
export type InvalidReason =
  /** In none of the formats: binary, another log, a stack trace. */
  | 'not-a-log-line'
  /** Longer than {@link MAX_LINE_CHARS}. */
  | 'too-long'
  /** It begins as a log line does and ends too early, as where a disk was full. */
  | 'cut-off'
  /** No such time, or one before there was a web. */
  | 'bad-time'
  /** More than a day later than the line arrived: a wrong clock. */
  | 'time-ahead'
  /** No method and URL: a port scan, TLS on a plain port, a time-out before the first byte. */
  | 'bad-request'
  | 'bad-status'
  | 'bad-bytes';

/** What a line turns out to be. */
export type ParsedLine =
  | { readonly kind: 'request'; readonly request: LoggedRequest }
  | { readonly kind: 'header' }
  | { readonly kind: 'invalid'; readonly reason: InvalidReason };

/** No server logs more: URLs and user agents are limited to 8 KB each. */
const MAX_LINE_CHARS = 32_768;

/**
 * Reads a line of Apache's combined log format or of the NASA trace (tab-separated, time in seconds since 1970).
 *
 * @example
 * ```ts
 * parseLogLine('10.0.0.1 - - [01/Aug/1995:00:00:01 -0400] "GET /a?b=c HTTP/1.0" 200 - "-" "curl/8"'); // { kind: 'request', request: { timeMs: 807249601000, host: '10.0.0.1', method: 'GET', url: '/a?b=c', status: 200, bytes: 0 } }
 * parseLogLine('10.0.0.1 - - [01/Aug/1995:00:00:01 -0400] "GET /a HTTP/1.0" 200'); // { kind: 'invalid', reason: 'cut-off' }
 * parseLogLine('ppp.net\t-\t807256800\tGET\t/a.gif\t304\t0'); // { kind: 'request', request: { timeMs: 807256800000, host: 'ppp.net', method: 'GET', url: '/a.gif', status: 304, bytes: 0 } }
 * ```
 */
export const parseLogLine = (line: string): ParsedLine => {
  if (line.length > MAX_LINE_CHARS) return invalid('too-long');
  return isTraceLine(line) ? parseTrace(line) : parseCombined(line);
};

/** When the request of a line came in, in milliseconds since 1970; NaN for a line that is refused. */
export const timeOfLine = (line: string): number => {
  const parsed = parseLogLine(line);
  return parsed.kind === 'request' ? parsed.request.timeMs : Number.NaN;
};

/** Whether a line begins as the NASA trace does. */
export const isTraceLine = (line: string): boolean => TRACE_START.test(line);

/** Whether a line begins as the combined log format does. */
export const isCombinedLine = (line: string): boolean => COMBINED_START.test(line);

const invalid = (reason: InvalidReason): ParsedLine => ({ kind: 'invalid', reason });

const TRACE_START = /^[^\t]+\t[^\t]*\t(?:\d|time\t)/u;
const TRACE_FIELDS = 7;
const SECONDS = /^\d{1,12}$/u;

const parseTrace = (line: string): ParsedLine => {
  const fields = line.split('\t');
  if (fields.length < TRACE_FIELDS) return invalid('cut-off');
  const [host = '', , time = '', method = '', url = '', status = '', bytes = ''] = fields;
  if (time === 'time') return { kind: 'header' };
  return request(host, SECONDS.test(time) ? Number(time) * 1_000 : undefined, { method, url }, status, bytes);
};

/** `host ident user [time] "`; a user may have spaces. */
const COMBINED_START = /^(\S+) \S+ [^[]* ?\[([^\]]*)\] "/u;
/** What follows: the request with escaped quotes, status, bytes, and the quote that the referrer begins with. */
const ESCAPED_REQUEST = /^((?:[^"\\]|\\.)*)" (\S+) (\S+) "/u;
/** The same of a server that does not escape: the request ends where a status and bytes follow. */
const PLAIN_REQUEST = /^(.*?)" (\d{3}) (\d+|-) "/u;

const parseCombined = (line: string): ParsedLine => {
  const start = COMBINED_START.exec(line);
  if (start === null) return invalid('not-a-log-line');
  const rest = line.slice(start[0].length);
  const middle = ESCAPED_REQUEST.exec(rest) ?? PLAIN_REQUEST.exec(rest);
  if (middle === null) return invalid('cut-off');
  const agents = rest.slice(middle[0].length);
  if (!agents.endsWith('"') || !agents.includes('" "')) return invalid('cut-off');
  const [, host = '', time = ''] = start;
  const [, requestLine = '', status = '', bytes = ''] = middle;
  const [, method = '', url = ''] = REQUEST_LINE.exec(requestLine) ?? [];
  return request(host, timeOf(time), { method, url }, status, bytes);
};

/** `GET /my file.html HTTP/1.0`: clients do send spaces, and HTTP/0.9 had no version. */
const REQUEST_LINE = /^(\S+) (\S.*?)(?: HTTP\/\d(?:\.\d)?)?$/u;
const METHOD = /^[A-Z]{3,20}$/u;
const NOT_IN_URL = /[\p{Cc}\ufffd]/u;
const STATUS = /^[1-5]\d\d$/u;
const BYTES = /^(?:-|\d{1,15})$/u;

/** The first web server ran in December 1990. */
const MIN_TIME_MS = Date.UTC(1990, 11, 1);

const request = (
  host: string,
  timeMs: number | undefined,
  { method, url }: Pick<LoggedRequest, 'method' | 'url'>,
  status: string,
  bytes: string,
): ParsedLine => {
  if (timeMs === undefined || timeMs < MIN_TIME_MS) return invalid('bad-time');
  if (!METHOD.test(method) || url === '' || NOT_IN_URL.test(url)) return invalid('bad-request');
  if (!STATUS.test(status)) return invalid('bad-status');
  if (!BYTES.test(bytes)) return invalid('bad-bytes');
  return {
    kind: 'request',
    request: {
      timeMs,
      host,
      method,
      url: shortPartitionKey(url),
      status: Number(status),
      bytes: bytes === '-' ? 0 : Number(bytes),
    },
  };
};

const TIME = /^(\d\d)\/(\w{3})\/(\d{4}):([01]\d|2[0-3]):([0-5]\d):([0-5]\d) ([+-])(\d\d)([0-5]\d)$/u;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `17/May/2015:10:05:03 +0200` in milliseconds since 1970; undefined for a day that does not exist. */
const timeOf = (text: string): number | undefined => {
  const [, day, month = '', year, hours, minutes, seconds, sign, zoneHours, zoneMinutes] = TIME.exec(text) ?? [];
  const monthIndex = MONTHS.indexOf(month);
  if (monthIndex < 0) return undefined;
  const dayMs = Date.UTC(Number(year), monthIndex, Number(day));
  if (new Date(dayMs).getUTCDate() !== Number(day)) return undefined;
  const localMs = dayMs + ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  const zoneMs = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000;
  return sign === '-' ? localMs + zoneMs : localMs - zoneMs;
};
