import type { DatabaseSync } from 'node:sqlite';
import { deadLetterId } from '../../engine/dead-letter.ts';
import type { Dispatch, OutputPort } from '../../engine/ports.ts';

/** Where the outputs of a local run go: streams into the log, dead letters and messages into the database. */
export interface LocalOutputs extends OutputPort {
  /** JSON of the dead letters, in the order in which they came. */
  deadLetters(): Iterable<string>;
  /** Messages with a number above `after`, in order. */
  messages(after: number): Iterable<Dispatch & { readonly number: number }>;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS dead_letters (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, letter TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS messages (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, notification TEXT NOT NULL,
    recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL
  );
`;

/**
 * Makes the outputs of a local run. A dead letter or message that comes again under its id is kept once, so a batch that is
 * repeated tells nobody twice.
 */
export const localOutputs = (database: DatabaseSync, put: Put): LocalOutputs => {
  database.exec(SCHEMA);
  const keep = database.prepare('INSERT INTO dead_letters (id, letter) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const letters = database.prepare('SELECT letter FROM dead_letters ORDER BY number');
  const send = database.prepare(
    'INSERT INTO messages (id, notification, recipient, subject, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const messages = database.prepare('SELECT * FROM messages WHERE number > ? ORDER BY number');

  return {
    put: (units) => {
      for (const { stream, partitionKey, payloads } of units) put(stream, partitionKey, payloads);
      return Promise.resolve(units.map(() => true));
    },
    keep: (deadLetters) => {
      for (const letter of deadLetters) keep.run(deadLetterId(letter), JSON.stringify(letter));
      return Promise.resolve(deadLetters.map(() => true));
    },
    notify: (dispatches) => {
      for (const { notification, message } of dispatches) {
        send.run(`${notification} ${message.id}`, notification, message.to, message.subject, message.text);
      }
      return Promise.resolve(dispatches.map(() => true));
    },
    *deadLetters() {
      for (const row of letters.iterate()) {
        yield String(row['letter']);
      }
    },
    *messages(after) {
      for (const row of messages.iterate(after)) {
        const notification = String(row['notification']);
        const id = String(row['id']).slice(notification.length + 1);
        const message = {
          id,
          to: String(row['recipient']),
          subject: String(row['subject']),
          text: String(row['body']),
        };
        yield { number: Number(row['number']), notification, message };
      }
    },
  };
};

/** Puts payloads of one partition key into a stream, in order. */
export type Put = (stream: string, partitionKey: string, payloads: readonly string[]) => void;
