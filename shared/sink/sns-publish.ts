import { PublishBatchCommand, type SNSClient } from '@aws-sdk/client-sns';
import { SinkError, errorOfEntry, isBadRequest, textOfError, type Reporting } from '../aws/errors.ts';
import { MAX_PUBLISH_BATCH, MAX_PUBLISH_BATCH_BYTES } from '../aws/limits.ts';
import { isTransient, retrying, type Attempt, type RetryPolicy } from '../aws/retry.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { SnsMessage } from './sns-message.ts';

/** What {@link publish} needs: a client, the rate that all its calls share, and for how long they are retried. */
export interface Publisher extends RetryPolicy, Reporting {
  readonly client: SNSClient;
  readonly limiter: RateLimiter;
}

/** The result for one message. `unsent`: it did not leave before the deadline. `failed`: SNS never takes it, and why. */
export type PublishOutcome = 'sent' | 'unsent' | { readonly failed: string };

/** Outcomes in the order of the messages. What was thrown comes beside them: it does not undo what was sent before. */
export interface PublishResult {
  readonly outcomes: readonly PublishOutcome[];
  readonly thrown?: SinkError;
}

/**
 * Publishes messages to a topic, in order, no faster than the limit allows. A message that SNS calls invalid fails and keeps
 * no other back; where a whole call is called invalid, its messages go one by one.
 */
export const publish = async (
  publisher: Publisher,
  topic: string,
  messages: readonly SnsMessage[],
): Promise<PublishResult> => {
  const { client, limiter, report, nowMs, sleep, deadlineMs } = publisher;
  const target = `SNS topic '${topic}'`;
  const outcomes = messages.map((): PublishOutcome => 'unsent');
  const isAlone = new Set<number>();
  let waiting: readonly number[] = [...messages.keys()];

  const fail = (index: number, error: unknown): void => {
    outcomes[index] = { failed: `${target} refuses a message: ${textOfError(error)}` };
  };
  const sendSome = async (signal: AbortSignal): Promise<Attempt<undefined>> => {
    const call = waiting.slice(0, callLength(waiting, messages, isAlone, limiter.free(nowMs())));
    if (call.length === 0) return DONE;
    let cause: unknown;
    let broken: Error | undefined;
    try {
      const failures = await sendCall(
        client,
        topic,
        call.flatMap((index) => messages[index] ?? []),
        signal,
      ).finally(
        // Counted after the call, whether it succeeded or not: messages that leave late must not meet those sent next.
        () => limiter.spend(call.length, nowMs()),
      );
      for (const [at, index] of call.entries()) {
        const failure = failures[at];
        if (failure === undefined) outcomes[index] = 'sent';
        else if (!failure.isSenders || isTransient(failure.error)) cause = failure.error;
        else if (BLAMES_THE_SETUP.test(failure.error.name)) broken = failure.error;
        else fail(index, failure.error);
      }
    } catch (error) {
      if (signal.aborted || !isBadRequest(error) || NAMES_THE_TOPIC.test(error.message)) throw error;
      const [only, second] = call;
      if (only !== undefined && second === undefined) fail(only, error);
      else for (const index of call) isAlone.add(index);
    }
    const before = waiting.length;
    const left = call.filter((index) => outcomes[index] === 'unsent');
    waiting = [...left, ...waiting.slice(call.length)];
    if (broken !== undefined) throw broken;
    return cause === undefined ? DONE : { kind: 'again', cause, progressed: waiting.length < before };
  };

  try {
    while (waiting.length > 0) {
      const pauseMs = limiter.waitMs(nowMs());
      if (pauseMs > 0 && nowMs() + pauseMs >= deadlineMs()) {
        report?.(new SinkError(target, 'given-up', new Error('the limit of messages a second leaves no time')));
        break;
      }
      if (pauseMs > 0) await sleep(pauseMs);
      const result = await retrying(publisher, sendSome);
      if (result.kind === 'done') continue;
      report?.(new SinkError(target, 'given-up', result.cause));
      break;
    }
    return { outcomes };
  } catch (error) {
    return { outcomes, thrown: new SinkError(target, 'refused', error) };
  }
};

const DONE: Attempt<undefined> = { kind: 'done', value: undefined };

/** Then the request is wrong whatever the messages are. */
const NAMES_THE_TOPIC = /topic_?arn/iu;

/** Codes of entries that say that the topic, its key or a permission is missing: every message would fail. */
const BLAMES_THE_SETUP = /^(KMS|Authorization|AccessDenied|NotFound)/u;

/** Why a message of a call was not sent; `isSenders` where SNS blames the message. */
interface MessageFailure {
  readonly error: Error;
  readonly isSenders: boolean;
}

/** Sends messages with one call; undefined for each that SNS took. Throws what the client throws. */
const sendCall = async (
  client: SNSClient,
  topic: string,
  messages: readonly SnsMessage[],
  signal: AbortSignal,
): Promise<readonly (MessageFailure | undefined)[]> => {
  const command = new PublishBatchCommand({
    TopicArn: topic,
    PublishBatchRequestEntries: messages.map(({ Subject, Message, MessageAttributes }, index) => ({
      Id: String(index),
      Subject,
      Message,
      MessageAttributes,
    })),
  });
  const { Successful = [], Failed = [] } = await client.send(command, { abortSignal: signal });
  const taken = new Set(Successful.map(({ Id }) => Id));
  const failed = new Map(Failed.map((entry) => [entry.Id, entry]));
  return messages.map((_, index) => {
    const failure = failed.get(String(index));
    if (failure === undefined && taken.has(String(index))) return undefined;
    const error = errorOfEntry(failure?.Code, failure?.Message);
    return { error, isSenders: failure?.SenderFault === true };
  });
};

/** How many of the first waiting messages go into one call. */
const callLength = (
  waiting: readonly number[],
  messages: readonly SnsMessage[],
  isAlone: ReadonlySet<number>,
  free: number,
): number => {
  const [first] = waiting;
  if (first !== undefined && isAlone.has(first)) return Math.min(1, free);
  let bytes = 0;
  const end = waiting.findIndex(
    (index) => isAlone.has(index) || (bytes += messages[index]?.sizeBytes ?? 0) > MAX_PUBLISH_BATCH_BYTES,
  );
  return Math.min(end < 0 ? waiting.length : end, MAX_PUBLISH_BATCH, free);
};
