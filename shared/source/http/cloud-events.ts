import type { IncomingHttpHeaders } from 'node:http';
import { longIntegersIn } from '../../codec/long-integers.ts';
import { exactTextOf } from '../../codec/text-bytes.ts';
import { fieldOf } from '../../runtime/field-of.ts';
import { refusal, type Refusal } from './refusal.ts';

/** The content of a record as it came: in the codec's own format, or as JSON of its value. */
export interface Content {
  readonly form: 'own' | 'json';
  readonly text: string;
}

/** What CloudEvents 1.0 demands of every event. */
const REQUIRED = ['id', 'source', 'type'] as const;

/** Whether a request is a CloudEvent in binary mode: attributes in headers, data in the body. */
export const isBinaryEvent = (headers: IncomingHttpHeaders): boolean =>
  Object.keys(headers).some((name) => name.startsWith('ce-'));

/** What is wrong with the attributes in the headers of an event in binary mode. */
export const headerFault = (headers: IncomingHttpHeaders): Refusal | undefined =>
  attributeFault((name) => headers[`ce-${name}`], 'header ce-');

/** The content of the events of a structured or batch body; `text` is its JSON, `parsed` what that comes to. */
export const eventContents = (
  text: string,
  parsed: unknown,
  mode: 'structured' | 'batch',
): readonly Content[] | Refusal => {
  const [long] = longIntegersIn(text);
  if (long !== undefined) {
    const detail = `the integer ${long.digits.slice(0, 100)} would lose digits in a structured event; send the event in binary mode, or the record as application/json`;
    return refusal(422, detail, { position: long.start });
  }
  if (mode === 'structured') {
    const content = contentOf(parsed, 0);
    return 'kind' in content ? content : [content];
  }
  if (!Array.isArray(parsed)) return refusal(400, 'a batch of CloudEvents is a JSON array of events');
  const events: readonly unknown[] = parsed;
  const contents: Content[] = [];
  for (const [index, event] of events.entries()) {
    const content = contentOf(event, index);
    if ('kind' in content) return content;
    contents.push(content);
  }
  return contents;
};

const contentOf = (event: unknown, index: number): Content | Refusal => {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    return refusal(400, `event ${String(index)} is not a JSON object`, { index });
  }
  const fault = attributeFault((name) => fieldOf(event, name), `member `, index);
  if (fault !== undefined) return fault;
  const base64 = fieldOf(event, 'data_base64');
  if (base64 === undefined) {
    if (!('data' in event)) return refusal(422, `event ${String(index)} has no data, which is the record`, { index });
    return { form: 'json', text: JSON.stringify(event.data) };
  }
  if ('data' in event) return refusal(400, `event ${String(index)} has both data and data_base64; send one`, { index });
  const bytes = Buffer.from(typeof base64 === 'string' ? base64 : '', 'base64');
  if (bytes.toString('base64') !== base64) {
    return refusal(400, `data_base64 of event ${String(index)} is not base64`, { index });
  }
  const text = exactTextOf(bytes);
  if (text === undefined) return refusal(422, `data_base64 of event ${String(index)} is not UTF-8`, { index });
  return { form: 'own', text };
};

const attributeFault = (of: (name: string) => unknown, where: string, index = 0): Refusal | undefined => {
  const version = of('specversion');
  if (version !== '1.0') {
    const found = version === undefined ? 'none' : JSON.stringify(version).slice(0, 100);
    return refusal(400, `a CloudEvent has specversion 1.0, got ${found}`, { index });
  }
  const wrong = REQUIRED.find((name) => typeof of(name) !== 'string' || of(name) === '');
  return wrong === undefined
    ? undefined
    : refusal(400, `a CloudEvent needs ${REQUIRED.join(', ')}: ${where}${wrong} is missing or empty`, { index });
};
