import { SNSClient, SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { fieldOf } from '../../../shared/runtime/field-of.ts';

/** A message of a notification, as a subscriber gets it. */
interface Mail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly notification: string;
}

/** A queue that is subscribed to a topic. */
export interface Mailbox {
  /** All that has come up to now, each delivery counted. */
  collect(): Promise<readonly Mail[]>;
  close(): Promise<void>;
}

/** Subscribes a new queue to a topic: what is published from now on comes in. */
export const openMailbox = async (topicArn: string, queueName: string): Promise<Mailbox> => {
  const sqs = new SQSClient();
  const sns = new SNSClient();
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: queueName }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const queueArn = Attributes?.QueueArn;
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queueArn,
    Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queueArn, ReturnSubscriptionArn: true }),
  );
  const collected: Mail[] = [];
  return {
    collect: async () => {
      for (;;) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        if (Messages.length === 0) return [...collected];
        for (const { Body = '' } of Messages) collected.push(mailOf(Body));
        const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
    close: async () => {
      await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      sqs.destroy();
      sns.destroy();
    },
  };
};

/** What SNS wraps a message in on its way to a queue. */
const mailOf = (body: string): Mail => {
  const notification: unknown = JSON.parse(body);
  const attributes = fieldOf(notification, 'MessageAttributes');
  const attribute = (name: string): string => textOf(fieldOf(fieldOf(attributes, name), 'Value'));
  return {
    id: attribute('id'),
    to: attribute('recipient'),
    notification: attribute('notification'),
    subject: textOf(fieldOf(notification, 'Subject')),
    text: textOf(fieldOf(notification, 'Message')),
  };
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
