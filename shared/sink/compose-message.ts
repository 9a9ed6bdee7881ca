import type { NotificationDelivery, NotificationItem } from '../engine/ports.ts';
import type { Message } from '../processor/notification.ts';

/** The result of {@link composeMessage}: nothing is left to say, the message that says it, or why none can be composed. */
export type Composed =
  | { readonly kind: 'nothing-left' }
  | { readonly kind: 'message'; readonly message: Message; readonly items: readonly NotificationItem[] }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Composes the message of a delivery from the items not yet sent. `digest` is user code: what it throws and what it answers
 * in place of a message is a reason, never an error. The message goes to the recipient of the delivery, whatever it says itself.
 */
export const composeMessage = (
  { notification, recipient, items, digest }: NotificationDelivery,
  isSent: (item: NotificationItem) => boolean,
): Composed => {
  const left = items.filter((item) => !isSent(item));
  if (left.length === 0) return { kind: 'nothing-left' };
  const failed = (problem: string): Composed => ({
    kind: 'failed',
    reason: `the digest of notification '${notification}' ${problem}`,
  });
  try {
    const answer: unknown = digest(left.map(({ value }) => value));
    const { id, subject, text } = textsIn(answer);
    if (id === undefined || subject === undefined || text === undefined) {
      return failed(`must answer a message of texts { id, to, subject, text }, got ${shapeOf(answer)}`);
    }
    return { kind: 'message', message: { id, to: recipient, subject, text }, items: left };
  } catch (thrown) {
    return failed(`threw: ${textOfThrown(thrown)}`);
  }
};

const TEXTS = ['id', 'subject', 'text'] as const;

const textsIn = (answer: unknown): Readonly<Record<(typeof TEXTS)[number], string | undefined>> => ({
  id: textIn(answer, 'id'),
  subject: textIn(answer, 'subject'),
  text: textIn(answer, 'text'),
});

const textIn = (answer: unknown, name: string): string | undefined => {
  const value: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined;
  return typeof value === 'string' ? value : undefined;
};

const shapeOf = (answer: unknown): string => {
  if (answer instanceof Promise) {
    // No one awaits it, and an unhandled rejection would end the process.
    answer.catch(() => undefined);
    return 'a promise: compose it synchronously';
  }
  if (typeof answer !== 'object' || answer === null) return answer === null ? 'null' : typeof answer;
  return `one without ${TEXTS.filter((name) => textIn(answer, name) === undefined).join(', ')}`;
};

const textOfThrown = (thrown: unknown): string => {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'something that cannot be shown as text';
  }
};
