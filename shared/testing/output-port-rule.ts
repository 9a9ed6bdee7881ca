import type { DeadLetter } from '../engine/dead-letter.ts';
import type { DeliveryOutcome, NotificationDelivery, OutputPort } from '../engine/ports.ts';
import type { Message } from '../processor/notification.ts';
import type { DeliveredRecord } from '../stream/delivered-record.ts';
import type { ContractRule } from './state-store-rule.ts';

/** A message as it arrived. */
export interface ObservedMessage {
  readonly notification: string;
  readonly message: Message;
}

/** New outputs, with nothing in them, and what has arrived where they lead. */
export interface ObservedOutputs {
  /** They know the streams `one` and `two` and the notification `mail`. */
  readonly outputs: OutputPort;
  /** What is in a stream, shard by shard, in the order of each shard. */
  records(stream: 'one' | 'two'): Promise<readonly Pick<DeliveredRecord, 'partitionKey' | 'data'>[]>;
  messages(): Promise<readonly ObservedMessage[]>;
  letters(): Promise<readonly DeadLetter[]>;
}

/** Names a check of outputs. */
export const rule = (
  text: string,
  check: (observed: ObservedOutputs) => Promise<void>,
): ContractRule<ObservedOutputs> => ({
  rule: text,
  check,
});

/** A delivery whose message says its items, one a line. Its digest addresses another recipient, which must not count. */
export const mail = (
  recipient: string,
  items: readonly string[],
  digest?: NotificationDelivery['digest'],
): NotificationDelivery => ({
  kind: 'notification',
  notification: 'mail',
  recipient,
  items: items.map((id) => ({ id, value: `line ${id}` })),
  digest:
    digest ??
    ((values) => ({
      id: values.join('/'),
      to: 'stranger@example.org',
      subject: `${values.length} lines`,
      text: `${values.join('\n')}\n`,
    })),
});

/** Recipient and items of what arrived, sorted. */
export const messagesTo = async (observed: ObservedOutputs): Promise<readonly string[]> =>
  (await observed.messages())
    .map(({ message: { to, text } }) => `${to}: ${text.trim().replaceAll('line ', '').replaceAll('\n', ' ')}`)
    .sort();

/** Whether a delivery can never be written. */
export const isFailed = (outcome: DeliveryOutcome | undefined): boolean => typeof outcome === 'object';
