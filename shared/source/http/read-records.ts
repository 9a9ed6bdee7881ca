import type { IncomingHttpHeaders } from 'node:http';
import { KINESIS_RECORD_BYTES } from '../../codec/kpl-aggregator.ts';
import { parseJson } from '../../codec/json.ts';
import { exactTextOf } from '../../codec/text-bytes.ts';
import { isTime } from '../../engine/limits.ts';
import { MAX_PARTITION_KEY_CHARACTERS } from '../../stream/partition-key.ts';
import type { Stream } from '../../stream/stream.ts';
import { eventContents, headerFault, isBinaryEvent, type Content } from './cloud-events.ts';
import { jsonFault } from './json-fault.ts';
import { refusal, type Refusal } from './refusal.ts';

/** A stream that takes records over HTTP. */
export interface HttpStream {
  readonly stream: Stream<unknown>;
  /** Of a raw record. @default - the partition key that the stream has for the decoded record */
  readonly partitionKeyOf?: (record: string) => string;
}

/** A record that has passed the codec of its stream. */
export interface HttpRecord {
  readonly partitionKey: string;
  /** In the codec's own format. */
  readonly payload: string;
}

type MediaType = 'json' | 'ndjson' | 'text' | 'event' | 'event batch';

const MEDIA_TYPES: Readonly<Record<string, MediaType>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/cloudevents+json': 'event',
  'application/cloudevents-batch+json': 'event batch',
  'text/plain': 'text',
};

/** The media types that a stream takes, the plainest first; none where its records are no text. */
export const allowedTypes = ({ stream: { codec } }: HttpStream): readonly string[] => {
  const json = [
    'application/json',
    'application/x-ndjson',
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
  ];
  if (codec.contentType.startsWith('text/')) return ['text/plain', ...json];
  return isJson(codec.contentType) ? json : [];
};

const isJson = (type: string): boolean => /^application\/(?:[\w.-]+\+)?json$/u.test(type);

/** What the headers of a request rule out already: a type that the stream does not take, a CloudEvent without its attributes. */
export const checkType = (to: HttpStream, headers: IncomingHttpHeaders): Refusal | undefined => {
  const given = headers['content-type'];
  const allowed = allowedTypes(to);
  const type = mediaTypeOf(headers);
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/iu.exec(given ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  const isAllowed = type !== undefined && (type !== 'text' || allowed.includes('text/plain')) && allowed.length > 0;
  if (!isAllowed || (charset !== 'utf-8' && charset !== 'us-ascii')) {
    const shown = given === undefined ? 'no Content-Type' : `Content-Type '${given.slice(0, 100)}'`;
    const { name, codec } = to.stream;
    const remedy =
      allowed.length > 0
        ? `send ${allowed.join(', ')}, in UTF-8`
        : `its records are ${codec.contentType}, which is not taken over HTTP`;
    return refusal(415, `stream '${name}' does not take ${shown}; ${remedy}`, { allowed });
  }
  return isBinaryEvent(headers) && (type === 'json' || type === 'text') ? headerFault(headers) : undefined;
};

const mediaTypeOf = (headers: IncomingHttpHeaders): MediaType | undefined =>
  MEDIA_TYPES[(headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''];

/** The records of a body, all of them or none. */
export const readRecords = (
  to: HttpStream,
  headers: IncomingHttpHeaders,
  body: string,
): readonly HttpRecord[] | Refusal => {
  const read = contentsOf(headers, body);
  if ('kind' in read) return read;
  const records: HttpRecord[] = [];
  for (const [index, { content, line }] of read.entries()) {
    const record = recordOf(to, content);
    if (!('reason' in record)) {
      records.push(record);
      continue;
    }
    const fault = record.isJson ? jsonFault(content.text) : undefined;
    const lineMember = line === undefined ? {} : { line };
    const place = line === undefined ? `record ${String(index)}` : `record ${String(index)}, line ${String(line)}`;
    return fault === undefined
      ? refusal(422, `${place}: ${record.reason}; nothing of this request was taken`, {
          index,
          ...lineMember,
          reason: record.reason,
        })
      : notJson(place, content.text, { ...fault, index, ...lineMember });
  }
  return records;
};

interface Placed {
  readonly content: Content;
  /** Line of the body, from 1, where each line is a record. */
  readonly line?: number;
}

const contentsOf = (headers: IncomingHttpHeaders, body: string): readonly Placed[] | Refusal => {
  const type = mediaTypeOf(headers);
  const isEvent = isBinaryEvent(headers);
  switch (type) {
    case 'event':
    case 'event batch': {
      const parsed = parseJson(body);
      if (parsed.kind === 'malformed') return notJson('the body', body, { ...jsonFault(body) });
      const contents = eventContents(body, parsed.value, type === 'event' ? 'structured' : 'batch');
      return 'kind' in contents ? contents : contents.map((content) => ({ content }));
    }
    case 'ndjson':
      return linesOf(body, 'json');
    case 'text':
      return isEvent ? [{ content: { form: 'own', text: body } }] : linesOf(body, 'own');
    default:
      return [{ content: { form: 'json', text: body } }];
  }
};

/** A record a line. Empty lines of NDJSON are none, as its description has it; of text only what follows the last line end. */
const linesOf = (body: string, form: Content['form']): readonly Placed[] | Refusal => {
  const lines = body.split('\n').map((text, at): Placed => ({
    content: { form, text: text.endsWith('\r') ? text.slice(0, -1) : text },
    line: at + 1,
  }));
  const records =
    form === 'json'
      ? lines.filter(({ content }) => content.text.trim() !== '')
      : lines.at(-1)?.content.text === ''
        ? lines.slice(0, -1)
        : lines;
  return records.length === 0 ? refusal(400, 'the body has no records; send a record a line') : records;
};

const notJson = (place: string, text: string, members: Readonly<Record<string, unknown>>): Refusal => {
  const parsed = parseJson(text);
  const reason = parsed.kind === 'malformed' ? parsed.reason : 'not JSON';
  const { position } = members;
  const at = typeof position === 'number' ? ` (position ${String(position)})` : '';
  return refusal(400, `${place} is ${reason}${at}; nothing of this request was taken`, members);
};

/** Everything that would make a dead letter of a foreign record before its step sees it is found here. */
const recordOf = (
  { stream, partitionKeyOf }: HttpStream,
  { form, text }: Content,
): HttpRecord | { readonly reason: string; readonly isJson: boolean } => {
  const { codec } = stream;
  const isOwn = form === 'own' || isJson(codec.contentType);
  const isJsonText = form === 'json' || isJson(codec.contentType);
  const wrong = (reason: string): { readonly reason: string; readonly isJson: boolean } => ({
    reason,
    isJson: isJsonText,
  });
  try {
    const decoded = isOwn ? codec.decode(text) : codec.fromText(text);
    if (decoded.kind === 'malformed') return wrong(decoded.reason);
    const payload = isOwn ? text : exactTextOf(codec.encode(decoded.value));
    if (payload === undefined) return wrong(`a record of stream '${stream.name}' must be UTF-8`);
    const partitionKey = partitionKeyOf?.(payload) ?? stream.partitionKey(decoded.value);
    if (partitionKey.length < 1 || partitionKey.length > MAX_PARTITION_KEY_CHARACTERS) {
      return wrong(`its partition key has ${String(partitionKey.length)} characters; 1 to 256 are allowed`);
    }
    if (stream.eventTimeMs !== undefined && !isTime(stream.eventTimeMs(decoded.value))) {
      return wrong('its event time is no whole number of milliseconds');
    }
    const bytes = Buffer.byteLength(payload) + Buffer.byteLength(partitionKey);
    if (bytes > KINESIS_RECORD_BYTES) {
      return wrong(`it has ${String(bytes)} bytes with its partition key; max ${String(KINESIS_RECORD_BYTES)}`);
    }
    return { partitionKey, payload };
  } catch (thrown) {
    return wrong(`reading it threw: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
};
