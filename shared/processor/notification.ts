import { checkName } from '../stream/stream.ts';

/** A message to a person, ready to be sent. `id` is stable: the same alerts make the same message. */
export interface Message {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** What a notification is; see {@link notification}. */
export interface NotificationOptions<Value> {
  /** Who gets it: an e-mail address. */
  recipient(value: Value): string;
  /** Makes one message of all values that one batch has for one recipient, so that a burst is one message. */
  digest(recipient: string, values: readonly Value[]): Message;
  /** What tells values apart, however batches are cut: a recipient gets each once. @default - the origin of the value */
  idOf?(value: Value): string;
}

/** A destination outside of the streams: people. */
export interface Notification<Value> extends NotificationOptions<Value> {
  readonly kind: 'notification';
  readonly name: string;
}

/** Describes a destination that reaches people; deciding what to say and sending it stay apart. */
export const notification = <Value>(name: string, options: NotificationOptions<Value>): Notification<Value> => ({
  ...options,
  kind: 'notification',
  name: checkName('notification', name),
});
