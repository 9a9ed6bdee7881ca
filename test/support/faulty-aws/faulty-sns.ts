import type { Reaction, Received } from './faulty-service.ts';

/** What happens to one PublishBatch call; see the service. An entry fails where its bit is set. */
export type SnsFault =
  | { readonly kind: 'none' | 'hang-up' | 'lost-answer' }
  | { readonly kind: 'refused'; readonly error: string; readonly status: number }
  | { readonly kind: 'partly'; readonly failing: number; readonly code: string; readonly senderFault: boolean }
  /** Some entries are neither among those that failed nor among the others. */
  | { readonly kind: 'missing'; readonly failing: number };

/** A message as it was published. */
export interface Published {
  readonly topic: string;
  readonly subject: string;
  readonly text: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly atMs: number;
}

/** Topics that keep what they take and fail as scripted, call after call; then they work. */
export class FaultySns {
  readonly published: Published[] = [];
  readonly calls: number[] = [];
  readonly #faults: SnsFault[];
  readonly #nowMs: () => number;

  constructor(faults: readonly SnsFault[], nowMs: () => number) {
    this.#faults = [...faults];
    this.#nowMs = nowMs;
  }

  react({ body }: Received): Reaction {
    const form = new URLSearchParams(body);
    const entries = entriesOf(form);
    this.calls.push(entries.length);
    const fault = this.#faults.shift() ?? { kind: 'none' };
    if (fault.kind === 'hang-up') return { kind: 'hang-up' };
    if (fault.kind === 'refused') return xml(fault.status, errorOf(fault.error));
    const isFailing = (index: number): boolean => 'failing' in fault && ((fault.failing >> index) & 1) === 1;
    const successful: string[] = [];
    const failed: string[] = [];
    for (const [index, { id, ...message }] of entries.entries()) {
      if (!isFailing(index)) {
        this.published.push({ ...message, topic: form.get('TopicArn') ?? '', atMs: this.#nowMs() });
        successful.push(`<member><Id>${id}</Id><MessageId>m-${id}</MessageId></member>`);
      } else if (fault.kind === 'partly') {
        failed.push(
          `<member><Id>${id}</Id><Code>${fault.code}</Code><Message>no</Message><SenderFault>${String(fault.senderFault)}</SenderFault></member>`,
        );
      }
    }
    if (fault.kind === 'lost-answer') return { kind: 'hang-up' };
    return xml(
      200,
      `<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishBatchResult><Successful>${successful.join('')}</Successful><Failed>${failed.join('')}</Failed></PublishBatchResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishBatchResponse>`,
    );
  }
}

const ENTRY = 'PublishBatchRequestEntries.member.';

const entriesOf = (form: URLSearchParams): readonly (Omit<Published, 'topic' | 'atMs'> & { readonly id: string })[] => {
  const entries = [];
  for (let number = 1; form.has(`${ENTRY}${String(number)}.Id`); number += 1) {
    const text = (name: string): string => form.get(`${ENTRY}${String(number)}.${name}`) ?? '';
    const attributes: Record<string, string> = {};
    for (let at = 1; text(`MessageAttributes.entry.${String(at)}.Name`) !== ''; at += 1) {
      const name = text(`MessageAttributes.entry.${String(at)}.Name`);
      attributes[name] = text(`MessageAttributes.entry.${String(at)}.Value.StringValue`);
    }
    entries.push({ id: text('Id'), subject: text('Subject'), text: text('Message'), attributes });
  }
  return entries;
};

const errorOf = (code: string): string =>
  `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>refused</Message></Error><RequestId>r</RequestId></ErrorResponse>`;

const xml = (status: number, body: string): Reaction => ({ kind: 'answer', status, contentType: 'text/xml', body });
