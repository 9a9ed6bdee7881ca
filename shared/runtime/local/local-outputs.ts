import type { DatabaseSync } from 'node:sqlite';
import { deadLetterId } from '../../engine/dead-letter.ts';
import type { DeliveryOutcome, NotificationDelivery, OutputPort } from '../../engine/ports.ts';
import type { Message } from '../../processor/notification.ts';
import { composeMessage } from '../../sink/compose-message.ts';
import { outputPort } from '../../sink/output-drivers.ts';
import { impossibleDeliveries } from '../../sink/impossible-deliveries.ts';

/** A message as it was sent, with its place in the order of all. */
interface SentMessage {
  readonly number: number;
  readonly notification: string;
  readonly message: Message;
}

/** Where the outputs of a local run go: streams into the log, dead letters and messages into the database. */
export interface LocalOutputs extends OutputPort {
  /** JSON of the dead letters, in the order in which they came. */
  deadLetters(): Iterable<string>;
  /** Messages with a number above `after`, in order. */
  messages(after: number): Iterable<SentMessage>;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS dead_letters (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, letter TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS messages (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, notification TEXT NOT NULL,
    recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS sent_items (
    notification TEXT NOT NULL, recipient TEXT NOT NULL, item TEXT NOT NULL, PRIMARY KEY (notification, recipient, item)
  ) WITHOUT ROWID;
`;

/** Puts payloads of one partition key into a stream, in order. */
export type Put = (stream: string, partitionKey: string, payloads: readonly string[]) => void;

/**
 * Makes the outputs of a local run. A dead letter that comes again under its id is kept once, and an item is sent to a
 * recipient of a notification once, however batches are cut: no repeat tells anyone twice.
 */
export const localOutputs = (database: DatabaseSync, put: Put): LocalOutputs => {
  database.exec(SCHEMA);
  const keep = database.prepare('INSERT INTO dead_letters (id, letter) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const letters = database.prepare('SELECT letter FROM dead_letters ORDER BY number');
  const send = database.prepare(
    'INSERT INTO messages (id, notification, recipient, subject, body) VALUES (?, ?, ?, ?, ?)',
  );
  const isSent = database.prepare('SELECT 1 FROM sent_items WHERE notification = ? AND recipient = ? AND item = ?');
  const remember = database.prepare('INSERT INTO sent_items VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const messages = database.prepare('SELECT * FROM messages WHERE number > ? ORDER BY number');

  const sendOne = (delivery: NotificationDelivery): DeliveryOutcome => {
    const { notification, recipient } = delivery;
    const composed = composeMessage(delivery, ({ id }) => isSent.get(notification, recipient, id) !== undefined);
    if (composed.kind === 'failed') return { failed: composed.reason };
    if (composed.kind === 'nothing-left') return 'delivered';
    const { message, items } = composed;
    send.run(message.id, notification, recipient, message.subject, message.text);
    for (const { id } of items) remember.run(notification, recipient, id);
    return 'delivered';
  };
  const port = outputPort(
    {
      stream: (deliveries) => {
        const impossible = impossibleDeliveries(deliveries);
        return Promise.resolve(
          deliveries.map((delivery): DeliveryOutcome => {
            const outcome = impossible.get(delivery);
            if (outcome !== undefined) return outcome;
            put(delivery.stream, delivery.partitionKey, delivery.payloads);
            return 'delivered';
          }),
        );
      },
      notification: (deliveries) => Promise.resolve(deliveries.map(sendOne)),
    },
    (deadLetters) => {
      for (const letter of deadLetters) keep.run(deadLetterId(letter), JSON.stringify(letter));
      return Promise.resolve(deadLetters.map(() => true));
    },
  );

  return {
    ...port,
    *deadLetters() {
      for (const row of letters.iterate()) yield String(row['letter']);
    },
    *messages(after) {
      for (const row of messages.iterate(after)) {
        yield {
          number: Number(row['number']),
          notification: String(row['notification']),
          message: {
            id: String(row['id']),
            to: String(row['recipient']),
            subject: String(row['subject']),
            text: String(row['body']),
          },
        };
      }
    },
  };
};
