import type { Codec, Decoded } from '../codec/codec.ts';
import { exactTextOf, notUtf8 } from '../codec/text-bytes.ts';
import type { Origin } from './origin.ts';

/*
 * The wire form of a record that a processor wrote: a CloudEvent in structured JSON.
 *
 *   {"specversion":"1.0","type":"millrace/<stream>","source":"<lane>","id":"<position>","time":"<event time>","data":…}
 *
 * Where the partition key changed on the way, the extension attribute `watermark` follows `source`: how far event time had
 * come in everything the record's processor reads, before the batch it came from.
 *
 * CloudEvents says that two events with the same source and id are one event; that is exactly what an origin is. We write
 * the members in this order and without blanks, so that reading the head costs a few comparisons; whatever starts otherwise
 * is a foreign record. No member before `data` needs escaping: names and lanes are made of characters that JSON and URIs
 * share.
 */
const HEAD = '{"specversion":"1.0","type":"millrace/';
const HEAD_BYTES = Buffer.from(HEAD);
const SOURCE = '","source":"';
const WATERMARK = '","watermark":"';
const ID = '","id":"';
const TIME = '","time":"';

/** A record taken out of its envelope. */
export interface Opened<Value> extends Origin {
  readonly kind: 'opened';
  readonly timeMs: number;
  /** What the writer promises about event time to come; undefined where the partition key never changed. */
  readonly watermarkMs: number | undefined;
  readonly value: Value;
}

/** Whether bytes may be an envelope; two bytes tell most foreign records apart. Opening says it for certain. */
const mayBeEnveloped = (bytes: Uint8Array): boolean => bytes[2] === HEAD_BYTES[2] && bytes[3] === HEAD_BYTES[3];

const startsAsEnvelope = (bytes: Uint8Array): boolean => HEAD_BYTES.every((byte, at) => bytes[at] === byte);

/** Returns a function that puts values of one lane into envelopes; what is the same for all of them is made once. */
export const sealer = (
  stream: string,
  lane: string,
  watermarkMs = -Infinity,
): ((position: string, timeMs: number, member: string) => string) => {
  const promise = watermarkMs === -Infinity ? '' : `${WATERMARK}${new Date(watermarkMs).toISOString()}`;
  const head = `${HEAD}${stream}${SOURCE}${lane}${promise}${ID}`;
  let lastMs = Number.NaN;
  let lastTime = '';
  return (position, timeMs, member) => {
    if (timeMs !== lastMs) {
      lastTime = new Date(timeMs).toISOString();
      lastMs = timeMs;
    }
    return `${head}${position}${TIME}${lastTime}",${member}}`;
  };
};

/** The last member of an envelope, as `sealer` wants it. */
export const dataMember = <Value>(codec: Codec<Value>, value: Value): string =>
  `"${codec.dataMember}":${codec.toData(value)}`;

/**
 * Returns a function that opens envelopes written for streams of this codec, and answers undefined for a foreign record. It
 * remembers the lane it saw last, because neighbours in a batch mostly share it and one string object per lane keeps every
 * later look-up cheap.
 */
export const opener = <Value>(codec: Codec<Value>): ((bytes: Uint8Array) => Opened<Value> | Malformed | undefined) => {
  const peek = peeker(codec.dataMember);
  let lastTime = '';
  let lastMs = Number.NaN;
  let lastWatermark: string | undefined;
  let lastWatermarkMs: number | undefined;
  return (bytes) => {
    if (!mayBeEnveloped(bytes)) return undefined;
    const text = exactTextOf(bytes);
    if (text === undefined) return startsAsEnvelope(bytes) ? notUtf8(bytes, 'an envelope') : undefined;
    const envelope = peek(text);
    if (envelope === undefined) return text.startsWith(HEAD) ? damaged : undefined;
    if (!isPosition(envelope.position)) return damaged;
    if (envelope.time !== lastTime) {
      lastMs = Date.parse(envelope.time);
      lastTime = envelope.time;
    }
    if (envelope.watermark !== lastWatermark) {
      lastWatermark = envelope.watermark;
      lastWatermarkMs = lastWatermark === undefined ? undefined : Date.parse(lastWatermark);
    }
    if (Number.isNaN(lastMs) || Number.isNaN(lastWatermarkMs)) return damaged;
    const decoded = codec.fromText(envelope.data);
    if (decoded.kind === 'malformed') return decoded;
    const { lane, position } = envelope;
    return { kind: 'opened', lane, position, timeMs: lastMs, watermarkMs: lastWatermarkMs, value: decoded.value };
  };
};

/** What an envelope shows without its codec. */
export interface Envelope extends Origin {
  /** ISO 8601, unchecked. */
  readonly watermark: string | undefined;
  /** ISO 8601, unchecked. */
  readonly time: string;
  /** JSON text, unchecked. */
  readonly data: string;
}

/**
 * Returns a function that takes the text of an envelope apart without parsing its data; undefined for a text that is none,
 * or a damaged one. Envelopes of one lane in a row get the same string object as their lane.
 */
export const peeker = (member: Codec<unknown>['dataMember']): ((text: string) => Envelope | undefined) => {
  const data = `","${member}":`;
  // Neighbours mostly have the same lane, and positions and times of the same length: where things were in the last
  // envelope is looked at first.
  const heads = new Map<string, Head>();
  let last: Head = { text: '\0', lane: '', watermark: undefined };
  let timeAt = 0;
  let lastTime = '\0';
  return (text) => {
    if (!text.startsWith(last.text)) {
      const idAt = text.indexOf(ID, HEAD.length);
      if (idAt < 0) return undefined;
      const sent = text.slice(0, idAt + ID.length);
      let known = heads.get(sent);
      if (known === undefined) {
        known = headOf(ownText(sent), idAt);
        if (known === undefined) return undefined;
        if (heads.size >= MAX_HEADS) heads.clear();
        heads.set(known.text, known);
      }
      last = known;
    }
    if (!text.startsWith(TIME, timeAt) || timeAt < last.text.length) {
      timeAt = text.indexOf(TIME, last.text.length);
      if (timeAt < 0) return undefined;
    }
    let dataAt = timeAt + TIME.length + lastTime.length;
    if (!text.startsWith(lastTime, timeAt + TIME.length) || !text.startsWith(data, dataAt)) {
      dataAt = text.indexOf(data, timeAt);
      if (dataAt < 0) return undefined;
      lastTime = text.slice(timeAt + TIME.length, dataAt);
    }
    if (!text.endsWith('}')) return undefined;
    return {
      lane: last.lane,
      watermark: last.watermark,
      position: text.slice(last.text.length, timeAt),
      time: lastTime,
      data: text.slice(dataAt + data.length, -1),
    };
  };
};

/** What an envelope says up to its position. */
interface Head {
  readonly text: string;
  readonly lane: string;
  readonly watermark: string | undefined;
}

/** A batch seldom has more lanes; one string object for each keeps every later look-up by it cheap. */
const MAX_HEADS = 1_000;

/** A copy: a slice would keep the whole text that it is from in memory. */
const ownText = (slice: string): string => Buffer.from(slice, 'utf8').toString('utf8');

const headOf = (head: string, idAt: number): Head | undefined => {
  const sourceAt = head.startsWith(HEAD) ? head.indexOf(SOURCE, HEAD.length) : -1;
  if (sourceAt < 0) return undefined;
  const watermarkAt = head.indexOf(WATERMARK, sourceAt);
  const isPromised = watermarkAt >= 0;
  return {
    text: head,
    lane: head.slice(sourceAt + SOURCE.length, isPromised ? watermarkAt : idAt),
    watermark: isPromised ? head.slice(watermarkAt + WATERMARK.length, idAt) : undefined,
  };
};

type Malformed = Extract<Decoded<never>, { kind: 'malformed' }>;

/** What positions are made of: anything else could claim to come after every other position. */
const isPosition = (text: string): boolean => PLAIN.test(text) || SIBLING.test(text);

const PLAIN = /^[\d.]+$/;
const SIBLING = /^\d[\d.]*(\.~[\da-z]+(\.\d[\d.]*)?)+$/;

const damaged: Malformed = { kind: 'malformed', reason: 'the envelope of this record is damaged' };
