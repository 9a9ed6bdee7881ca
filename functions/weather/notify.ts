import { createHash } from 'node:crypto';
import { notification, type Message } from '../../shared/processor/notification.ts';
import { processor } from '../../shared/processor/processor.ts';
import { alerts, type Alert } from './streams.ts';

/** E-mail to those who asked for it: one message per recipient and batch, however many alerts there are. */
const alertMail = notification('weather-mail', {
  recipient: ({ email }: Alert) => email,
  digest: (recipient, values) => digestOf(recipient, values),
});

/** Turns alerts into e-mail. It keeps no state but a ledger, so that an alert which is delivered twice is mailed once. */
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
    text: `${sorted.map(lineOf).join('\n')}\n\nYou get this because a rule names ${recipient}.\n`,
  };
};

const sortKey = ({ date, location, station_id, rule }: Alert): string => `${date} ${location} ${station_id} ${rule}`;

const countsOf = (values: readonly Alert[]): string =>
  (['alert', 'resolved', 'reminder'] as const)
    .map((kind) => ({ kind, count: values.filter((one) => one.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${String(count)} ${kind}`)
    .join(', ');

const lineOf = ({ kind, rule, date, location, station_id, element, value, threshold }: Alert): string =>
  `${date}  ${kind.padEnd(8)}  ${location}  ${station_id}  ${element} ${String(value)} (rule ${rule}, threshold ${String(threshold)})`;
