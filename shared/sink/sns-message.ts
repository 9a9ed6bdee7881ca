import type { PublishBatchRequestEntry } from '@aws-sdk/client-sns';
import { MAX_PUBLISH_BATCH_BYTES, MAX_SUBJECT_CHARACTERS } from '../aws/limits.ts';
import type { Message } from '../processor/notification.ts';

/** One message as SNS gets it; `Id` is missing, because it only counts within a call. */
export interface SnsMessage extends Omit<PublishBatchRequestEntry, 'Id'> {
  /** What counts towards {@link MAX_PUBLISH_BATCH_BYTES}. */
  readonly sizeBytes: number;
}

/**
 * The messages that carry a message: one, or as many as its text needs, each saying in its subject which part it is.
 *
 * `notification`, `recipient` and `id` are attributes, for filter policies and for readers that must know a repeat; the id of a
 * part ends in its number.
 */
export const snsMessages = (notification: string, { id, to, subject, text }: Message): readonly SnsMessage[] => {
  const texts = {
    notification: attributeOf(notification),
    recipient: attributeOf(to),
    id: attributeOf(id),
  };
  const attributeBytes = Object.entries(texts).reduce((sum, [name, value]) => sum + bytesWith(name, value), 0);
  const title = safeSubject(subject, '') === '' ? notification : subject;
  // SNS takes no empty message.
  const parts = textParts(sendable(text === '' ? title : text), MAX_PUBLISH_BATCH_BYTES - attributeBytes - SPARE_BYTES);
  return parts.map((part, index) => {
    const number = String(index + 1);
    const isWhole = parts.length === 1;
    return {
      Subject: safeSubject(title, isWhole ? '' : ` (${number}/${String(parts.length)})`),
      Message: part,
      MessageAttributes: Object.fromEntries(
        Object.entries({ ...texts, id: isWhole ? texts.id : `${texts.id}/${number}` })
          .filter(([, value]) => value !== '')
          .map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
      sizeBytes: Buffer.byteLength(part) + attributeBytes + SPARE_BYTES,
    };
  });
};

/** For the number of a part, and for the subject, of which SNS does not say whether it counts. */
const SPARE_BYTES = 200;

const bytesWith = (name: string, value: string): number => name.length + 'String'.length + Buffer.byteLength(value);

/** An attribute of a length that leaves room for text. */
const attributeOf = (value: string): string => sendable(value.slice(0, 1024));

/** SNS takes only what XML can carry. One such character must not hold a message back. */
const sendable = (text: string): string => text.replace(NOT_IN_XML, '\uFFFD');

const NOT_IN_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/**
 * A subject as SNS takes it: 100 printable ASCII characters at most, on one line. Accents are dropped, other characters become
 * question marks; what is too long is cut before `suffix`.
 *
 * @example
 * ```ts
 * safeSubject('Kälte\nin Tirol', ' (1/2)'); // 'Kalte in Tirol (1/2)'
 * ```
 */
export const safeSubject = (subject: string, suffix: string): string => {
  const plain = subject
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/[^ -~]/gu, '?')
    .trim();
  const max = MAX_SUBJECT_CHARACTERS - suffix.length;
  return `${plain.length <= max ? plain : `${plain.slice(0, max - 3).trimEnd()}...`}${suffix}`;
};

/**
 * Cuts a text into parts of at most `maxBytes` bytes of UTF-8, after line ends where a part has one. Joined they are the
 * text.
 *
 * @example
 * ```ts
 * textParts('one\ntwo\nthree', 8); // ['one\ntwo\n', 'three']
 * textParts('äöü', 5); // ['äö', 'ü']
 * ```
 */
export const textParts = (text: string, maxBytes: number): readonly string[] => {
  const bytes = Buffer.from(text);
  const parts: string[] = [];
  let start = 0;
  while (bytes.length - start > maxBytes) {
    const lineEnd = bytes.subarray(start, start + maxBytes).lastIndexOf(LINE_END) + 1;
    const end = lineEnd > 0 ? start + lineEnd : characterStart(bytes, start + maxBytes);
    parts.push(bytes.toString('utf8', start, end));
    start = end;
  }
  parts.push(bytes.toString('utf8', start));
  return parts;
};

const LINE_END = 0x0a;

/** Where the character begins that has a byte at `at`. */
const characterStart = (bytes: Uint8Array, at: number): number => {
  let start = at;
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return start;
};
