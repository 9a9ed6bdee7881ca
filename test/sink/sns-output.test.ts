import { SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SinkError } from '../../shared/aws/errors.ts';
import type { DeliveryOutcome, NotificationDelivery } from '../../shared/engine/ports.ts';
import { snsOutput } from '../../shared/sink/sns-output.ts';
import type { OutputDriver } from '../../shared/sink/output-drivers.ts';
import { clientOptions } from '../support/faulty-aws/client-options.ts';
import { faultyService, type FaultyService } from '../support/faulty-aws/faulty-service.ts';
import { FaultySns, type SnsFault } from '../support/faulty-aws/faulty-sns.ts';
import { retryClock } from '../support/faulty-aws/retry-clock.ts';

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

/** What is to be said to a recipient; the message has a line for each item, made longer by `padding`. */
const mail = (
  recipient: string,
  ids: readonly string[] = [recipient],
  { notification = 'mail', padding = '' }: { readonly notification?: string; readonly padding?: string } = {},
): NotificationDelivery => ({
  kind: 'notification',
  notification,
  recipient,
  items: ids.map((id) => ({ id, value: id })),
  digest: (values) => ({
    id: values.join('+'),
    to: 'stranger@example.org',
    subject: `Frost ${String(values.length)}`,
    text: values.map((value) => `${String(value)}${padding}\n`).join(''),
  }),
});

const mails = (count: number): readonly NotificationDelivery[] =>
  Array.from({ length: count }, (_, index) => mail(String(index)));

const TOPICS = { mail: 'arn:aws:sns:us-east-1:0:mail-1', other: 'arn:aws:sns:us-east-1:0:other-1' };

const run = async (
  deliveries: readonly NotificationDelivery[],
  {
    faults = [],
    untilMs = 60_000,
    messagesPerSecond = 1_000,
  }: { faults?: readonly SnsFault[]; untilMs?: number; messagesPerSecond?: number } = {},
): Promise<{
  readonly outcomes: readonly DeliveryOutcome[];
  readonly sns: FaultySns;
  readonly reports: readonly SinkError[];
}> => {
  const clock = retryClock(untilMs);
  const sns = new FaultySns(faults, clock.nowMs);
  service.react = (request) => sns.react(request);
  const reports: SinkError[] = [];
  const report = (error: SinkError): void => {
    reports.push(error);
  };
  const deliver = snsOutput({ ...clock, client, topics: TOPICS, messagesPerSecond, report });
  return { outcomes: await deliver(deliveries), sns, reports };
};

/** A driver that stays the same over several invocations, each of which has so much time. */
const invocations = (
  invocationMs: number,
  messagesPerSecond: number,
  faults: readonly SnsFault[] = [],
): { readonly invoke: OutputDriver<'notification'>; readonly sns: FaultySns } => {
  let deadlineMs = 0;
  const clock = { ...retryClock(0), deadlineMs: () => deadlineMs };
  const sns = new FaultySns(faults, clock.nowMs);
  service.react = (request) => sns.react(request);
  const deliver = snsOutput({ ...clock, client, topics: TOPICS, messagesPerSecond });
  return {
    sns,
    invoke: (deliveries) => {
      deadlineMs = clock.nowMs() + invocationMs;
      return deliver(deliveries);
    },
  };
};

const recipientsOf = ({ published }: FaultySns): readonly (string | undefined)[] =>
  published.map(({ attributes }) => attributes['recipient']);

/** Recipient and line of everything that was published. */
const linesOf = ({ published }: FaultySns): readonly string[] =>
  published.flatMap(({ text, attributes }) =>
    text
      .trim()
      .split('\n')
      .map((line) => `${attributes['recipient'] ?? ''} ${line.slice(0, 20)}`),
  );

const repeatsIn = (lines: readonly string[]): readonly string[] =>
  lines.filter((line, index) => lines.indexOf(line) !== index);

test('messages go to the topic of their notification, ten a call, and to the recipient of their delivery', async () => {
  const { outcomes, sns } = await run([...mails(13), mail('x@example.org', ['warm'], { notification: 'other' })]);
  expect(outcomes).toEqual(Array.from({ length: 14 }, () => 'delivered'));
  expect(sns.calls).toEqual([10, 3, 1]);
  expect(sns.published.at(-1)).toEqual({
    topic: TOPICS.other,
    subject: 'Frost 1',
    text: 'warm\n',
    attributes: { notification: 'other', recipient: 'x@example.org', id: 'warm' },
    atMs: 0,
  });
});

describe('what was sent is not sent again', () => {
  test('what is not sent before the deadline goes next time', async () => {
    const { invoke, sns } = invocations(2_000, 10);
    const deliveries = [...mails(49), mail('long', ['line'], { padding: 'x'.repeat(600_000) })];
    const sent: number[] = [];
    for (; sent.length < 10 && sent.at(-1) !== deliveries.length;) {
      const outcomes = await invoke(deliveries);
      sent.push(outcomes.filter((outcome) => outcome === 'delivered').length);
    }
    expect([sent.length > 2, sent.at(-1)]).toEqual([true, 50]);
    expect(sns.published.length).toBe(52);
  });

  test('150 recipients of 5 alerts each, 4 messages a second, bisected: no recipient gets an alert twice', async () => {
    const { invoke, sns } = invocations(20_000, 4);
    /** An alert of each station for each recipient, in the order in which stations report. */
    const alerts = Array.from({ length: 5 }, (_, station) =>
      Array.from({ length: 150 }, (_none, person) => ({
        person: `p${String(person)}`,
        id: `${String(station)}/${String(person)}`,
      })),
    ).flat();
    let attempts = 0;
    /** As a mapping does that bisects: a batch of which something is refused comes again in halves. */
    const process = async (batch: typeof alerts): Promise<void> => {
      attempts += 1;
      if (attempts > 500) throw new Error('does not end');
      const byPerson = [...Map.groupBy(batch, ({ person }) => person)];
      const outcomes = await invoke(
        byPerson.map(([person, some]) =>
          mail(
            person,
            some.map(({ id }) => id),
          ),
        ),
      );
      if (outcomes.every((outcome) => outcome === 'delivered')) return;
      const half = Math.ceil(batch.length / 2);
      await process(batch.slice(0, half));
      await process(batch.slice(half));
    };
    await process(alerts);
    expect(attempts).toBeGreaterThan(1);
    const lines = linesOf(sns);
    expect([lines.length, repeatsIn(lines)]).toEqual([alerts.length, []]);
  });

  test('a message of several parts that was begun is finished as it was begun, though the batch was cut since', async () => {
    const padding = 'x'.repeat(150_000);
    const { invoke, sns } = invocations(1_500, 1);
    const outcomes: DeliveryOutcome[] = [...(await invoke([mail('ann', ['1', '2', '3', '4', '5', '6'], { padding })]))];
    for (const ids of [
      ['1', '2', '3'],
      ['1', '2', '3'],
      ['4', '5', '6', '7'],
      ['4', '5', '6', '7'],
      ['4', '5', '6', '7'],
    ]) {
      outcomes.push(...(await invoke([mail('ann', ids, { padding })])));
    }
    expect([outcomes[0], outcomes.at(-1)]).toEqual(['refused', 'delivered']);
    const lines = linesOf(sns).filter((line) => /^ann \dx/u.test(line));
    expect(lines.map((line) => line.slice(0, 5)).sort()).toEqual(
      ['1', '2', '3', '4', '5', '6', '7'].map((id) => `ann ${id}`),
    );
  });

  test('what was sent before a call that is broken stays sent', async () => {
    const { invoke, sns } = invocations(60_000, 1_000, [
      { kind: 'none' },
      { kind: 'refused', error: 'AuthorizationError', status: 403 },
    ]);
    await expect(invoke(mails(15))).rejects.toThrow(/AuthorizationError/u);
    expect(new Set(await invoke(mails(15)))).toEqual(new Set(['delivered']));
    expect([recipientsOf(sns).length, new Set(recipientsOf(sns)).size]).toEqual([15, 15]);
  });
});

test('messages that are too large together go in more calls', async () => {
  const padding = 'x'.repeat(150_000);
  const { outcomes, sns } = await run([mail('a', ['1'], { padding }), mail('b', ['1'], { padding }), mail('c')]);
  expect([outcomes, sns.calls]).toEqual([
    ['delivered', 'delivered', 'delivered'],
    [1, 2],
  ]);
});

test('entries that fail are sent again, and only they', async () => {
  const { outcomes, sns } = await run(mails(4), {
    faults: [{ kind: 'partly', failing: 0b0110, code: 'ThrottledException', senderFault: false }],
  });
  expect(outcomes).toEqual(Array.from({ length: 4 }, () => 'delivered'));
  expect(recipientsOf(sns)).toEqual(['0', '3', '1', '2']);
});

test.each<[string, SnsFault]>([
  ['throttled', { kind: 'refused', error: 'Throttling', status: 400 }],
  ['refused by a service in trouble', { kind: 'refused', error: 'InternalError', status: 500 }],
  ['cut off', { kind: 'hang-up' }],
  ['answered without some of its entries', { kind: 'missing', failing: 0b01 }],
])('a call that is %s is made again', async (_how, fault) => {
  const { outcomes, sns } = await run(mails(2), { faults: [fault, fault] });
  expect(outcomes).toEqual(['delivered', 'delivered']);
  expect(new Set(recipientsOf(sns))).toEqual(new Set(['0', '1']));
});

test('a call whose answer was lost is repeated with the same ids, so that a reader can know', async () => {
  const { outcomes, sns } = await run(mails(2), { faults: [{ kind: 'lost-answer' }] });
  expect([outcomes, sns.published.map(({ attributes }) => attributes['id'])]).toEqual([
    ['delivered', 'delivered'],
    ['0', '1', '0', '1'],
  ]);
});

describe('a message that SNS never takes', () => {
  const failure = { failed: expect.stringContaining(`SNS topic '${TOPICS.mail}' refuses a message: InvalidParameter`) };

  test('has failed where the answer says so of it, and the others are sent', async () => {
    const { outcomes, sns, reports } = await run(mails(3), {
      faults: [{ kind: 'partly', failing: 0b010, code: 'InvalidParameter', senderFault: true }],
    });
    expect([outcomes, sns.calls, reports]).toEqual([['delivered', failure, 'delivered'], [3], []]);
  });

  test('is found where the whole call is called invalid', async () => {
    const sns = new FaultySns([], () => 0);
    service.react = (request) =>
      request.body.includes('7%40example')
        ? new FaultySns([{ kind: 'refused', error: 'InvalidParameter', status: 400 }], () => 0).react(request)
        : sns.react(request);
    const deliver = snsOutput({ ...retryClock(60_000), client, topics: TOPICS, messagesPerSecond: 1_000 });
    const outcomes = await deliver(Array.from({ length: 12 }, (_, index) => mail(`${String(index)}@example.org`)));
    expect(outcomes).toEqual(Array.from({ length: 12 }, (_, index) => (index === 7 ? failure : 'delivered')));
    expect(sns.published.length).toBe(11);
  });
});

test('a code of an entry that blames the key or a permission rejects: every message would fail', async () => {
  const faults: readonly SnsFault[] = [{ kind: 'partly', failing: 0b01, code: 'KMSAccessDenied', senderFault: true }];
  await expect(run(mails(2), { faults })).rejects.toThrow(/SNS topic '.*mail-1' refuses.*KMSAccessDenied/u);
});

describe('the limit', () => {
  test('no more messages leave in a second than may, repeats included', async () => {
    const { outcomes, sns } = await run(mails(25), {
      messagesPerSecond: 10,
      faults: [{ kind: 'none' }, { kind: 'lost-answer' }],
    });
    expect(new Set(outcomes)).toEqual(new Set(['delivered']));
    const times = sns.published.map(({ atMs }) => atMs);
    const inOneSecond = times.map((from) => times.filter((at) => at >= from && at < from + 1000).length);
    expect(Math.max(...inOneSecond)).toBe(10);
    expect(times.length).toBe(35);
  });

  test('holds from one batch to the next', async () => {
    const { invoke, sns } = invocations(60_000, 2);
    await invoke(mails(2));
    await invoke([mail('a'), mail('b')]);
    expect(sns.published.map(({ atMs }) => atMs)).toEqual([0, 0, 1000, 1000]);
  });

  test('what it leaves no time for is refused, and so is all of a message of which a part is missing', async () => {
    const padding = 'line\n'.repeat(100_000);
    const { outcomes, sns, reports } = await run([mail('a'), mail('b', ['1'], { padding }), mail('c')], {
      messagesPerSecond: 2,
      untilMs: 900,
    });
    expect(outcomes).toEqual(['delivered', 'refused', 'refused']);
    expect(sns.published.map(({ subject }) => subject)).toEqual(['Frost 1', 'Frost 1 (1/2)']);
    expect(reports.map(({ kind, message }) => [kind, message])).toEqual([
      ['given-up', expect.stringMatching(/before the deadline: the limit of messages a second/)],
    ]);
  });
});

test.each(['NotFound', 'AuthorizationError'])('%s for a whole call rejects and names the topic', async (error) => {
  await expect(run(mails(1), { faults: [{ kind: 'refused', error, status: 403 }] })).rejects.toThrow(
    /SNS topic '.*mail-1' refuses.*deploy again/,
  );
});

test('a notification without a topic is refused before anything is sent', async () => {
  await expect(run([mail('a'), mail('b', ['1'], { notification: 'sms' })])).rejects.toThrow(
    /'sms' has no topic here; known are: mail, other/,
  );
});
