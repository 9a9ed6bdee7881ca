import type { Message } from '../../shared/processor/notification.ts';

const DATE = /\b\d{4}-\d{2}-\d{2}\b/g;

// RFC 5322 knows no earlier year, and GHCN goes back to 1763.
const EARLIEST_MS = Date.UTC(1900, 0, 1);

/**
 * The newest day a message speaks of, at midnight UTC; 1 January 1900 where it names none or an earlier one.
 *
 * Not the time of sending, because the same run must give the same mail whenever it is repeated.
 *
 * @example
 * ```ts
 * newestDateIn({ id: '1', to: 'a@b.c', subject: 'frost on 2016-01-02', text: 'since 2015-12-31' }).toISOString(); // '2016-01-02T00:00:00.000Z'
 * ```
 */
export const newestDateIn = ({ subject, text }: Message): Date => {
  let newestMs = EARLIEST_MS;
  for (const [date] of `${subject}\n${text}`.matchAll(DATE)) {
    const dateMs = Date.parse(date);
    if (dateMs > newestMs) newestMs = dateMs;
  }
  return new Date(newestMs);
};
