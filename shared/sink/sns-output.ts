import type { SNSClient } from '@aws-sdk/client-sns';
import type { Reporting } from '../aws/errors.ts';
import type { RetryPolicy } from '../aws/retry.ts';
import type { DeliveryOutcome, NotificationDelivery, NotificationItem } from '../engine/ports.ts';
import { composeMessage } from './compose-message.ts';
import type { OutputDriver } from './output-drivers.ts';
import { rateLimiter } from './rate-limiter.ts';
import { sentItems, type SentItems } from './sent-items.ts';
import { snsMessages, type SnsMessage } from './sns-message.ts';
import { publish, type PublishOutcome } from './sns-publish.ts';

/** What {@link snsOutput} is made with. */
export interface SnsOutputOptions extends RetryPolicy, Reporting {
  readonly client: SNSClient;
  /** ARNs, by notification of the topology. */
  readonly topics: Readonly<Record<string, string>>;
  /**
   * Most messages that leave in a second; above 0, also below 1. An e-mail endpoint that gets more than 10 is taken off its
   * topic, and every environment of a function sends for itself.
   */
  readonly messagesPerSecond: number;
}

/** More than are sent while the attempts at one batch last. */
const MAX_REMEMBERED_ITEMS = 100_000;
/** Messages of several parts of which some are sent: each holds the others. */
const MAX_HALF_SENT = 100;

/**
 * Publishes messages to SNS topics, no faster than they may leave. A text too long for one message is sent in parts, and is sent
 * when all of them are.
 *
 * Which items reached which recipient is remembered: where a batch has more messages than may leave in its time, its next
 * attempt goes on with the others, however the batch is cut then, and no recipient gets an item twice. A message of several
 * parts that was begun is finished with the parts it began with.
 */
export const snsOutput = ({
  client,
  topics,
  messagesPerSecond,
  ...policy
}: SnsOutputOptions): OutputDriver<'notification'> => {
  const publisher = { ...policy, client, limiter: rateLimiter(messagesPerSecond) };
  const sent = sentItems(MAX_REMEMBERED_ITEMS);
  const halfSent = new Map<string, Mailing>();

  const settle = (mailing: Mailing, outcomes: readonly PublishOutcome[]): void => {
    const failure = outcomes.find((outcome) => typeof outcome === 'object');
    const left = mailing.messages.filter((_, at) => outcomes[at] === 'unsent');
    const id = mailingId(mailing);
    if (mailing.isBegun) halfSent.delete(id);
    if (failure !== undefined) {
      mailing.outcome = failure;
    } else if (left.length === 0) {
      mailing.outcome = 'delivered';
      for (const item of mailing.items) sent.add(mailing.topic, mailing.recipient, item);
    } else if (left.length < mailing.messages.length || mailing.isBegun) {
      halfSent.set(id, { ...mailing, messages: left, isBegun: true });
      const [first] = halfSent.keys();
      if (halfSent.size > MAX_HALF_SENT && first !== undefined) halfSent.delete(first);
    }
  };

  return async (deliveries) => {
    const round = new MailingRound(topics, sent, halfSent);
    const answers = deliveries.map((delivery) => round.add(delivery));
    for (const [topic, mailings] of Map.groupBy(round.mailings, (mailing) => mailing.topic)) {
      const { outcomes, thrown } = await publish(
        publisher,
        topic,
        mailings.flatMap(({ messages }) => messages),
      );
      let at = 0;
      for (const mailing of mailings) {
        settle(mailing, outcomes.slice(at, at + mailing.messages.length));
        at += mailing.messages.length;
      }
      if (thrown !== undefined) throw thrown;
    }
    return answers.map((answer) => answer());
  };
};

/** One message on its way: what it says, and the SNS messages that carry it and have not left. */
interface Mailing {
  readonly topic: string;
  readonly recipient: string;
  readonly items: readonly NotificationItem[];
  readonly messages: readonly SnsMessage[];
  /** Whether a part of it left in an earlier call. */
  readonly isBegun: boolean;
  outcome: DeliveryOutcome;
}

const mailingId = ({ topic, recipient }: Pick<Mailing, 'topic' | 'recipient'>): string =>
  JSON.stringify([topic, recipient]);

/** The messages of one call of the driver; each item goes into one of them only. */
class MailingRound {
  readonly mailings: Mailing[] = [];
  readonly #topics: Readonly<Record<string, string>>;
  readonly #sent: SentItems;
  readonly #halfSent: ReadonlyMap<string, Mailing>;
  /** By recipient, then item. */
  readonly #claimed = new Map<string, Map<string, Mailing>>();

  constructor(topics: Readonly<Record<string, string>>, sent: SentItems, halfSent: ReadonlyMap<string, Mailing>) {
    this.#topics = topics;
    this.#sent = sent;
    this.#halfSent = halfSent;
  }

  /** Adds what a delivery needs said, and returns what answers for it after the call. */
  add(delivery: NotificationDelivery): () => DeliveryOutcome {
    const { notification, recipient, items } = delivery;
    const topic = this.#topics[notification];
    if (topic === undefined) {
      const known = Object.keys(this.#topics).join(', ') || 'none';
      throw new RangeError(`notification '${notification}' has no topic here; known are: ${known}. Deploy again`);
    }
    const id = mailingId({ topic, recipient });
    const claimed = this.#claimed.get(id) ?? new Map<string, Mailing>();
    this.#claimed.set(id, claimed);
    const begun = this.#halfSent.get(id);
    if (begun !== undefined && claimed.size === 0 && overlaps(begun.items, items)) this.#claim(claimed, begun);

    const composed = composeMessage(delivery, (item) => this.#sent.has(topic, recipient, item) || claimed.has(item.id));
    if (composed.kind === 'failed') return () => ({ failed: composed.reason });
    const needed = new Set(items.flatMap((item) => claimed.get(item.id) ?? []));
    if (composed.kind === 'message') {
      const messages = snsMessages(notification, composed.message);
      const mailing: Mailing = {
        topic,
        recipient,
        items: composed.items,
        messages,
        isBegun: false,
        outcome: 'refused',
      };
      this.#claim(claimed, mailing);
      needed.add(mailing);
    }
    return () => {
      const outcomes = [...needed].map(({ outcome }) => outcome).filter((outcome) => outcome !== 'delivered');
      return outcomes.find((outcome) => outcome !== 'refused') ?? outcomes[0] ?? 'delivered';
    };
  }

  #claim(claimed: Map<string, Mailing>, mailing: Mailing): void {
    this.mailings.push(mailing);
    for (const item of mailing.items) claimed.set(item.id, mailing);
  }
}

const overlaps = (some: readonly NotificationItem[], others: readonly NotificationItem[]): boolean => {
  const ids = new Set(some.map(({ id }) => id));
  return others.some(({ id }) => ids.has(id));
};
