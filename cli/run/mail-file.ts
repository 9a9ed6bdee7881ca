import MailComposer from 'nodemailer/lib/mail-composer';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Message } from '../../shared/processor/notification.ts';

const SENDER = 'millrace@localhost';

/** A message with its place in the order of all. */
export interface NumberedMessage {
  readonly number: number;
  readonly message: Message;
}

/** A message in the form of RFC 5322, as mail programs open it. The same message gives the same bytes. */
const mailText = (message: Message): Promise<Buffer> =>
  new MailComposer({
    from: SENDER,
    to: message.to,
    subject: message.subject,
    date: newestDateIn(message),
    messageId: `<${message.id}@millrace.localhost>`,
    text: message.text,
    newline: 'win',
    // The text of a message is data; it never names a file or an address to get something from.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();

/** Writes messages as `.eml` files named by their number, each whole or not at all. Returns the number of the last one. */
export const writeMail = async (outbox: string, messages: Iterable<NumberedMessage>): Promise<number | undefined> => {
  let last: number | undefined;
  for (const { number, message } of messages) {
    const path = join(outbox, fileName(number, message.id));
    const hidden = join(outbox, `.${fileName(number, message.id)}`);
    writeFileSync(hidden, await mailText(message));
    renameSync(hidden, path);
    last = number;
  }
  return last;
};

const NUMBER_DIGITS = 6;
const UNSAFE_IN_NAME = /[^A-Za-z0-9_.-]/g;

const fileName = (number: number, id: string): string =>
  `${String(number).padStart(NUMBER_DIGITS, '0')}-${id.replaceAll(UNSAFE_IN_NAME, '_').slice(0, 100)}.eml`;

const DATE = /\b\d{4}-\d{2}-\d{2}\b/g;

// RFC 5322 knows no earlier year, and GHCN goes back to 1763.
const EARLIEST_MS = Date.UTC(1900, 0, 1);

/**
 * The newest day a message speaks of, at midnight UTC; 1 January 1900 where it names none or an earlier one.
 *
 * Not the time of sending, because the same run must give the same mail whenever it is repeated.
 *
 * @example
 * ```ts ignore
 * newestDateIn({ id: '1', to: 'a@b.c', subject: 'frost on 2016-01-02', text: 'since 2015-12-31' }).toISOString(); // '2016-01-02T00:00:00.000Z'
 * ```
 */
const newestDateIn = ({ subject, text }: Message): Date => {
  let newestMs = EARLIEST_MS;
  for (const [date] of `${subject}\n${text}`.matchAll(DATE)) {
    const dateMs = Date.parse(date);
    if (dateMs > newestMs) newestMs = dateMs;
  }
  return new Date(newestMs);
};
