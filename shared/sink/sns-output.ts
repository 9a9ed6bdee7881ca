import { PublishBatchCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { OutputPort } from '../engine/ports.ts';
import { rateLimit } from './rate-limit.ts';
import { isPassing, retrying, type Attempt, type Patience } from './retry.ts';
import { sentMessages } from './sent-messages.ts';
import { SinkError, errorOfEntry, orRefused, type Reporting } from './sink-error.ts';
import { SNS_CALL_BYTES, snsMessages, type SnsMessage } from './sns-message.ts';

/** What {@link snsOutput} is made with. */
export interface SnsOutputOptions extends Patience, Reporting {
  readonly client: SNSClient;
  /** ARNs, by notification of the topology. */
  readonly topics: Readonly<Record<string, string>>;
  /**
   * Most messages that leave in a second; above 0, also below 1. An e-mail endpoint that gets more than 10 is taken off its
   * topic, and every environment of a function sends for itself.
   */
  readonly messagesPerSecond: number;
}

const MOST_MESSAGES = 10;
/** More than leave in the time of all attempts at a batch. */
const MOST_REMEMBERED = 20_000;

/**
 * Publishes messages to SNS topics, no faster than they may come. A text too long for one message is sent in parts, and counts
 * as sent when all of them are. A message that SNS refuses keeps nobody else's back: its answer is `false`.
 *
 * What has left is remembered: where a batch has more messages than may leave in its time, its next attempt goes on with the
 * others, and nobody is written to again.
 */
export const snsOutput = (options: SnsOutputOptions): Pick<OutputPort, 'notify'> => {
  const { client, topics, messagesPerSecond, report, nowMs, sleep, deadlineMs } = options;
  const limit = rateLimit(messagesPerSecond);
  const remembered = sentMessages(MOST_REMEMBERED);

  /** Sends what one call takes, and takes what needs no further try out of `waiting`. */
  const sendSome = async (topic: string, waiting: Waiting[], signal: AbortSignal): Promise<Attempt<undefined>> => {
    const call = waiting.slice(0, callLength(waiting, limit.free(nowMs())));
    if (call.length === 0) return DONE;
    const command = new PublishBatchCommand({
      TopicArn: topic,
      PublishBatchRequestEntries: call.map(({ message: { Subject, Message, MessageAttributes } }, index) => ({
        Id: String(index),
        Subject,
        Message,
        MessageAttributes,
      })),
    });
    const answer = await client.send(command, { abortSignal: signal }).finally(() => {
      // Counted when it has left, whether it has or not: what comes late must not meet what is sent next.
      limit.spend(call.length, nowMs());
    });
    const taken = new Set(answer.Successful?.map(({ Id }) => Id));
    const failed = new Map(answer.Failed?.map((entry) => [entry.Id, entry]));
    let cause: unknown;
    const again: Waiting[] = [];
    for (const [index, one] of call.entries()) {
      const failure = failed.get(String(index));
      if (failure === undefined && taken.has(String(index))) {
        remembered.add(topic, one.message);
        one.of.unsent -= 1;
        continue;
      }
      const error = errorOfEntry(failure?.Code, failure?.Message);
      if (failure?.SenderFault === true && !isPassing(error)) {
        report?.(new SinkError(`SNS topic '${topic}'`, 'refused', error));
        continue;
      }
      cause = error;
      again.push(one);
    }
    waiting.splice(0, call.length, ...again);
    return cause === undefined ? DONE : { kind: 'again', cause, progressed: again.length < call.length };
  };

  const sendAll = async (topic: string, waiting: Waiting[]): Promise<void> => {
    const target = `SNS topic '${topic}'`;
    while (waiting.length > 0) {
      const pauseMs = limit.waitMs(nowMs());
      if (pauseMs > 0 && nowMs() + pauseMs >= deadlineMs()) {
        const cause = new Error(`at most ${String(messagesPerSecond)} messages leave in a second`);
        report?.(new SinkError(target, 'given-up', cause));
        return;
      }
      if (pauseMs > 0) await sleep(pauseMs);
      const result = await orRefused(
        target,
        retrying(options, (signal) => sendSome(topic, waiting, signal)),
      );
      if (result.kind === 'gave-up') {
        report?.(new SinkError(target, 'given-up', result.cause));
        return;
      }
    }
  };

  return {
    notify: async (dispatches) => {
      const states = dispatches.map((dispatch) => {
        const topic = topics[dispatch.notification];
        if (topic === undefined) {
          throw new RangeError(
            `notification '${dispatch.notification}' has no topic here; known are: ${Object.keys(topics).join(', ') || 'none'}. Deploy again`,
          );
        }
        const messages = snsMessages(dispatch).filter((message) => !remembered.has(topic, message));
        return { topic, messages, unsent: messages.length };
      });
      for (const [topic, members] of Map.groupBy(states, (state) => state.topic)) {
        await sendAll(
          topic,
          members.flatMap((of) => of.messages.map((message) => ({ message, of }))),
        );
      }
      return states.map(({ unsent }) => unsent === 0);
    },
  };
};

const DONE: Attempt<undefined> = { kind: 'done', value: undefined };

interface Waiting {
  readonly message: SnsMessage;
  /** The dispatch it is a part of. */
  readonly of: { unsent: number };
}

/** How many of the first messages go into one call. */
const callLength = (waiting: readonly Waiting[], most: number): number => {
  let bytes = 0;
  const end = waiting.findIndex(({ message: { sizeBytes } }) => (bytes += sizeBytes) > SNS_CALL_BYTES);
  return Math.min(end < 0 ? waiting.length : end, MOST_MESSAGES, most);
};
