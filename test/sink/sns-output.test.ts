import { SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Dispatch } from '../../shared/engine/ports.ts';
import type { SinkError } from '../../shared/sink/sink-error.ts';
import { snsOutput } from '../../shared/sink/sns-output.ts';
import { clientOptions } from '../support/faulty-aws/client-options.ts';
import { patientClock } from '../support/faulty-aws/faulty-patience.ts';
import { faultyService, type FaultyService } from '../support/faulty-aws/faulty-service.ts';
import { FaultySns, type SnsFault } from '../support/faulty-aws/faulty-sns.ts';

let service: FaultyService;
let client: SNSClient;
beforeAll(async () => {
  service = await faultyService();
  client = new SNSClient(clientOptions(service.endpoint));
});
afterAll(async () => {
  client.destroy();
  await service.close();
});

const mail = (id: string, text = 'cold', notification = 'mail'): Dispatch => ({
  notification,
  message: { id, to: `${id}@example.org`, subject: `Frost ${id}`, text },
});

const mails = (count: number): readonly Dispatch[] => Array.from({ length: count }, (_, index) => mail(String(index)));

const TOPICS = { mail: 'arn:aws:sns:us-east-1:0:mail-1', other: 'arn:aws:sns:us-east-1:0:other-1' };

const run = async (
  dispatches: readonly Dispatch[],
  {
    faults = [],
    untilMs = 60_000,
    messagesPerSecond = 1_000,
  }: { faults?: readonly SnsFault[]; untilMs?: number; messagesPerSecond?: number } = {},
): Promise<{ readonly sent: readonly boolean[]; readonly sns: FaultySns; readonly reports: readonly SinkError[] }> => {
  const clock = patientClock(untilMs);
  const sns = new FaultySns(faults, clock.nowMs);
  service.react = (request) => sns.react(request);
  const reports: SinkError[] = [];
  const report = (error: SinkError): void => {
    reports.push(error);
  };
  const output = snsOutput({ ...clock, client, topics: TOPICS, messagesPerSecond, report });
  return { sent: await output.notify(dispatches), sns, reports };
};

const idsOf = ({ published }: FaultySns): readonly (string | undefined)[] =>
  published.map(({ attributes }) => attributes['id']);

test('messages go to the topic of their notification, ten a call', async () => {
  const { sent, sns } = await run([...mails(13), mail('x', 'warm', 'other')]);
  expect(sent).toEqual(Array.from({ length: 14 }, () => true));
  expect(sns.calls).toEqual([10, 3, 1]);
  expect(sns.published.at(-1)).toEqual({
    topic: TOPICS.other,
    subject: 'Frost x',
    text: 'warm',
    attributes: { notification: 'other', recipient: 'x@example.org', id: 'x' },
    atMs: 0,
  });
});

test('what is not sent before the deadline goes next time, and nobody is written to again', async () => {
  let untilMs = 0;
  const clock = { ...patientClock(0), deadlineMs: () => untilMs };
  const sns = new FaultySns([], clock.nowMs);
  service.react = (request) => sns.react(request);
  const output = snsOutput({ ...clock, client, topics: TOPICS, messagesPerSecond: 10 });
  const dispatches = [...mails(49), mail('long', 'x'.repeat(600_000))];
  const sent: number[] = [];
  for (; untilMs < 10_000 && sent.at(-1) !== dispatches.length;) {
    untilMs += 2_000;
    const answers = await output.notify(dispatches);
    sent.push(answers.filter(Boolean).length);
  }
  expect(sent).toEqual([20, 40, 50]);
  expect(idsOf(sns)).toEqual([...new Set(idsOf(sns))]);
});

test('messages that are too large together go in more calls', async () => {
  const { sent, sns } = await run([mail('a', 'x'.repeat(150_000)), mail('b', 'x'.repeat(150_000)), mail('c')]);
  expect([sent, sns.calls]).toEqual([
    [true, true, true],
    [1, 2],
  ]);
});

test('entries that fail are sent again, and only they', async () => {
  const { sent, sns } = await run(mails(4), {
    faults: [{ kind: 'partly', failing: 0b0110, code: 'ThrottledException', senderFault: false }],
  });
  expect(sent).toEqual([true, true, true, true]);
  expect(idsOf(sns)).toEqual(['0', '3', '1', '2']);
});

test.each<[string, SnsFault]>([
  ['throttled', { kind: 'refused', error: 'Throttling', status: 400 }],
  ['refused by a service in trouble', { kind: 'refused', error: 'InternalError', status: 500 }],
  ['cut off', { kind: 'hang-up' }],
  ['answered without some of its entries', { kind: 'missing', failing: 0b01 }],
])('a call that is %s is made again', async (_how, fault) => {
  const { sent, sns } = await run(mails(2), { faults: [fault, fault] });
  expect(sent).toEqual([true, true]);
  expect(new Set(idsOf(sns))).toEqual(new Set(['0', '1']));
});

test('a call whose answer was lost is repeated with the same ids, so that a reader can know', async () => {
  const { sent, sns } = await run(mails(2), { faults: [{ kind: 'lost-answer' }] });
  expect([sent, idsOf(sns)]).toEqual([
    [true, true],
    ['0', '1', '0', '1'],
  ]);
});

test('a message that SNS does not take is false and reported, and the others are sent', async () => {
  const { sent, sns, reports } = await run(mails(3), {
    faults: [{ kind: 'partly', failing: 0b010, code: 'InvalidParameter', senderFault: true }],
  });
  expect(sent).toEqual([true, false, true]);
  expect(sns.calls).toEqual([3]);
  expect(reports.map(({ kind, message }) => [kind, message])).toEqual([
    ['refused', expect.stringContaining(`SNS topic '${TOPICS.mail}' refuses what it is given: InvalidParameter`)],
  ]);
});

test('no more messages leave in a second than may, repeats included', async () => {
  const { sent, sns } = await run(mails(25), {
    messagesPerSecond: 10,
    faults: [{ kind: 'none' }, { kind: 'lost-answer' }],
  });
  expect(sent.every(Boolean)).toBe(true);
  const times = sns.published.map(({ atMs }) => atMs);
  const inOneSecond = times.map((from) => times.filter((at) => at >= from && at < from + 1000).length);
  expect(Math.max(...inOneSecond)).toBe(10);
  expect(times.length).toBe(35);
});

test('the limit holds from one batch to the next', async () => {
  const clock = patientClock(60_000);
  const sns = new FaultySns([], clock.nowMs);
  service.react = (request) => sns.react(request);
  const output = snsOutput({ ...clock, client, topics: TOPICS, messagesPerSecond: 2 });
  await output.notify(mails(2));
  await output.notify([mail('a'), mail('b')]);
  expect(sns.published.map(({ atMs }) => atMs)).toEqual([0, 0, 1000, 1000]);
});

test('what the limit leaves no time for is false, and so is all of a message of which a part is missing', async () => {
  const { sent, sns, reports } = await run([mail('a'), mail('b', 'line\n'.repeat(100_000)), mail('c')], {
    messagesPerSecond: 2,
    untilMs: 900,
  });
  expect(sent).toEqual([true, false, false]);
  expect(sns.published.map(({ subject }) => subject)).toEqual(['Frost a', 'Frost b (1/2)']);
  expect(reports.map(({ kind, message }) => [kind, message])).toEqual([
    ['given-up', expect.stringMatching(/until the deadline: at most 2 messages/)],
  ]);
});

test.each(['NotFound', 'AuthorizationError', 'InvalidParameter'])(
  '%s for a whole call rejects and names the topic',
  async (error) => {
    await expect(run(mails(1), { faults: [{ kind: 'refused', error, status: 403 }] })).rejects.toThrow(
      /SNS topic '.*mail-1' refuses.*deploy again/,
    );
  },
);

test('a notification without a topic is refused before anything is sent', async () => {
  await expect(run([mail('a'), mail('b', 'x', 'sms')])).rejects.toThrow(
    /'sms' has no topic here; known are: mail, other/,
  );
});
