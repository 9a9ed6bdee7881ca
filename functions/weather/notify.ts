import { createHash } from 'node:crypto';
import { notification, type Message } from '../../shared/processor/notification.ts';
import { processor } from '../../shared/processor/processor.ts';
import { alerts, type Alert } from './streams.ts';

/** E-mail to the recipients of rules: one message per recipient and batch, however many alerts it holds. */
export const alertMail = notification('weather-mail', {
  recipient: ({ email }: Alert) => email,
  digest: (recipient, values) => digestOf(recipient, values),
});

/** Turns alerts into e-mail. It keeps no state but the ledger, so that an alert delivered twice is mailed once. */
export const notify = processor({
  id: 'weather/notify',
  from: alerts,
  to: { mail: alertMail },
  key: ({ station_id }) => station_id,
  initial: () => undefined,
  step: ({ value }) => ({ emit: { mail: [value] } }),
});

const digestOf = (recipient: string, values: readonly Alert[]): Message => {
  const sorted = [...values].sort((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1));
  const [first] = sorted;
  const subject =
    sorted.length === 1 && first !== undefined
      ? `[${first.kind}] ${first.rule}: ${first.element} ${String(first.value)} at ${first.station_id} on ${first.date}`
      : `[${countsOf(sorted)}] weather rules from ${first?.date ?? ''} to ${sorted.at(-1)?.date ?? ''}`;
  const ids = sorted.map(({ id }) => id).join('\n');
  return {
    id: createHash('sha256').update(`${recipient}\n${ids}`).digest('hex').slice(0, 32),
    to: recipient,
    subject,
    text: `${sorted.map(lineOf).join('\n')}\n\nYou get this because a rule ${sorted.some(isWithdrawn) ? 'names or named' : 'names'} ${recipient}.\n`,
  };
};

const sortKey = ({ date, location, station_id, id }: Alert): string => `${date} ${location} ${station_id} ${id}`;

const countsOf = (values: readonly Alert[]): string =>
  (['alert', 'resolved', 'reminder', 'withdrawn'] as const)
    .map((kind) => ({ kind, count: values.filter((one) => one.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${String(count)} ${kind}`)
    .join(', ');

const isWithdrawn = ({ kind }: Alert): boolean => kind === 'withdrawn';

const lineOf = (alert: Alert): string => {
  const { kind, rule, date, location, station_id, element, value, threshold } = alert;
  const change = isWithdrawn(alert) ? '; the rule was changed or deleted, and no longer watches this' : '';
  return `${date}  ${kind.padEnd(9)}  ${location}  ${station_id}  ${element} ${String(value)} (rule ${rule}, threshold ${String(threshold)}${change})`;
};
